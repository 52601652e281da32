using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Users;

/// <summary>An organization always keeps an admin, also when two admins take each other's role in the same moment.</summary>
internal static class LastAdmin
{
    public const string When = "The person is the organization's last admin.";

    /// <summary>Changes of people in one organization come one after the other.</summary>
    public static Task LockAsync(TenantTransaction transaction, CancellationToken cancellationToken) =>
        transaction.ExecuteAsync("SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE", [transaction.OrganizationId], cancellationToken);

    public static Task<bool> RemainsAsync(TenantTransaction transaction, CancellationToken cancellationToken) => transaction.ScalarAsync<bool>(
        "SELECT EXISTS (SELECT FROM users WHERE organization_id = $1 AND role = 'admin' AND removed_at IS NULL)", [transaction.OrganizationId], cancellationToken);

    public static ProblemHttpResult Problem() => Problems.Conflict("This is the organization's last admin: make someone else an admin first.");
}
