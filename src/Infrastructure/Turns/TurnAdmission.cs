using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Configuration;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Organizations;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Redis;
using LexCustis.Infrastructure.Retrieval;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Turns;

internal enum RefusalReason
{
    RateLimit,
    Suspended,
    Budget,
    NoConversation,
}

/// <param name="RetryAfter">Null where waiting does not help.</param>
internal sealed record TurnRefusal(RefusalReason Reason, string Title, string Detail, TimeSpan? RetryAfter = null);

/// <summary>A turn that may begin: everything it needs, read and reserved. It has a row in <c>chat_turns</c>, so it must be run.</summary>
internal sealed record AdmittedTurn
{
    /// <summary>Also the id of the audit entry to come.</summary>
    public required Guid Id { get; init; }

    public required TenantContext Tenant { get; init; }

    public required TurnRequest Request { get; init; }

    public required OrganizationSettings Organization { get; init; }

    public required ILlmProvider Provider { get; init; }

    public required Guid? ConversationId { get; init; }

    public required IReadOnlyList<ChatMessage> History { get; init; }

    public required IReadOnlyList<Passage> Sources { get; init; }

    /// <summary>What could not be searched for sources.</summary>
    public required IReadOnlyList<RetrievalTrouble> Degraded { get; init; }

    /// <summary>Encrypts what is said; null when the person was erased.</summary>
    public required byte[]? SubjectKey { get; init; }
}

/// <summary>Decides whether a turn may begin: rate limit, suspension, budget; then opens it.</summary>
internal sealed class TurnAdmission(
    TenantDatabase database, RateLimiter limiter, TurnBudget budget, LlmProviderFactory providers, MasterKeys masterKeys,
    SubjectKeys subjectKeys, Conversations conversations, Retriever retriever, AuditLog audit, AuditEntries entries, Settings settings, TimeProvider clock)
{
    public const string SuspendedTitle = "The assistant is suspended";

    public async Task<(AdmittedTurn? Turn, TurnRefusal? Refusal)> AdmitAsync(TenantContext tenant, TurnRequest request, CancellationToken cancellationToken)
    {
        var rate = await limiter.TakeAsync($"user:{tenant.UserId}", settings.RateLimitPerMinute, cancellationToken);
        if (!rate.Allowed)
        {
            await RecordRateRefusalAsync(tenant, cancellationToken);
            return (null, new TurnRefusal(RefusalReason.RateLimit, "Too many requests",
                $"You may send {settings.RateLimitPerMinute} messages a minute. Try again after the seconds in Retry-After.", rate.RetryAfter));
        }

        OrganizationSettings organization;
        await using (var reading = await database.BeginAsync(tenant, cancellationToken))
        {
            organization = await OrganizationSettings.ReadAsync(reading, cancellationToken);
            if (request.ConversationId is { } conversation && !await Conversations.ExistsAsync(reading, tenant, conversation, cancellationToken))
                return (null, new TurnRefusal(RefusalReason.NoConversation, "Not found", "There is no such conversation of yours."));
        }

        if (organization.SuspendedAt is not null)
        {
            await audit.AppendAsync(entries.ChatRefused(tenant, "suspended"));
            return (null, new TurnRefusal(RefusalReason.Suspended, SuspendedTitle, DescribeSuspension(organization.SuspendedReason)));
        }

        var spent = await budget.TakeAsync(tenant.OrganizationId, organization.EffectiveCap(settings.DailyChatCap),
            token => CountTurnsOfTodayAsync(tenant.OrganizationId, token), cancellationToken);
        if (!spent.Allowed)
        {
            await audit.AppendAsync(entries.ChatRefused(tenant, "budget"));
            return (null, new TurnRefusal(RefusalReason.Budget, "The daily budget is used up",
                $"Your organization has used {spent.Cap} of its {spent.Cap} chat turns of today. The budget starts anew at {spent.ResetsAt.UtcDateTime:HH:mm} UTC.",
                spent.ResetsAt - clock.GetUtcNow()));
        }

        return (await OpenAsync(tenant, request, organization, cancellationToken), null);
    }

    /// <param name="reason">What the person who suspended it wrote; null once it was resumed.</param>
    public static string DescribeSuspension(string? reason) => string.IsNullOrWhiteSpace(reason)
        ? "Your organization has stopped the assistant for now."
        : $"Your organization has stopped the assistant for now: {reason}";

    /// <summary>
    /// The turns of today, from which a lost counter is rebuilt. The log alone would miss those that were under way: a server killed in
    /// the midst of ten would come back and grant ten more.
    /// </summary>
    public async ValueTask<int> CountTurnsOfTodayAsync(Guid organization, CancellationToken cancellationToken)
    {
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        return (int)await transaction.ScalarAsync<long>("""
            SELECT greatest(
                (SELECT count(*) FROM audit_logs WHERE organization_id = $1 AND event_type = 'chat.completed' AND created_at >= $2),
                (SELECT count(*) FROM chat_turns WHERE organization_id = $1 AND started_at >= $2))
            """,
            [organization, clock.GetUtcNow().UtcDateTime.Date], cancellationToken);
    }

    private async Task<AdmittedTurn> OpenAsync(TenantContext tenant, TurnRequest request, OrganizationSettings organization, CancellationToken cancellationToken)
    {
        var provider = providers.Create(organization.ProviderSettings(masterKeys));
        // Before the transaction: a search that fails or takes its time must not spoil it or hold it open.
        var retrieved = request.UseDocuments ? await retriever.FindForTurnAsync(tenant.OrganizationId, request.Message, cancellationToken) : Retrieved.Nothing;
        var now = clock.GetUtcNow();
        var id = entries.NewId();
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        var subjectKey = await subjectKeys.ForAsync(transaction, tenant.UserId, id, cancellationToken);
        var history = request.History
            ?? (request.ConversationId is { } known ? await conversations.ReadMessagesAsync(transaction, known, cancellationToken) : []);

        // Last, since it is what makes the turn one that must be recorded.
        var conversationId = request.History is null ? request.ConversationId ?? Guid.CreateVersion7(now) : (Guid?)null;
        await Conversations.AddTurnAsync(transaction, tenant, conversationId, id, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new AdmittedTurn
        {
            Id = id,
            Tenant = tenant,
            Request = request,
            Organization = organization,
            Provider = provider,
            ConversationId = conversationId,
            History = history,
            Sources = retrieved.Passages,
            Degraded = retrieved.Degraded,
            SubjectKey = subjectKey,
        };
    }

    /// <summary>
    /// Refusals are recorded one by one, up to as many a minute as turns are allowed; past that they would let a hammering client
    /// write the log full, which is what the limit is there to prevent.
    /// </summary>
    private async Task RecordRateRefusalAsync(TenantContext tenant, CancellationToken cancellationToken)
    {
        var record = await limiter.TakeAsync($"refused:{tenant.UserId}", settings.RateLimitPerMinute, cancellationToken);
        if (record.Allowed)
            await audit.AppendAsync(entries.ChatRefused(tenant, "rate_limit"));
    }
}
