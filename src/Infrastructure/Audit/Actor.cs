namespace LexCustis.Infrastructure.Audit;

/// <summary>Who did it: a user, in which role, by what means (<c>session</c>, <c>api_key</c>, <c>command</c>).</summary>
internal sealed record Actor(Guid UserId, string Role, string Via);
