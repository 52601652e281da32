using System.Data;
using LexCustis.Infrastructure.Web;
using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>The only way to a tenant's tables: a transaction that row-level security confines to one organization.</summary>
internal sealed class TenantDatabase(NpgsqlDataSource source)
{
    /// <summary>
    /// Begins for a signed-in caller. The statement that enters the organization also decides, from the rows as they are now, whether the
    /// caller's session still stands: a removed user, a changed role or a revoked session ends at once, not when the token expires.
    /// </summary>
    /// <exception cref="TenantRevokedException">The session, or the user behind it, no longer stands.</exception>
    public Task<TenantTransaction> BeginAsync(TenantContext tenant, CancellationToken cancellationToken) =>
        BeginAsync(IsolationLevel.ReadCommitted, tenant.OrganizationId, tenant.SessionId, tenant.UserId, tenant.UserRole, cancellationToken);

    /// <summary>Begins for the product itself: recording what happened, background work, commands.</summary>
    public Task<TenantTransaction> BeginAsync(Guid organization, CancellationToken cancellationToken) =>
        BeginAsync(IsolationLevel.ReadCommitted, organization, null, null, null, cancellationToken);

    /// <summary>Begins for reading what belongs together by several statements: all of them see the database as the first one did.</summary>
    public Task<TenantTransaction> BeginSnapshotAsync(TenantContext tenant, CancellationToken cancellationToken) =>
        BeginAsync(IsolationLevel.RepeatableRead, tenant.OrganizationId, tenant.SessionId, tenant.UserId, tenant.UserRole, cancellationToken);

    /// <summary>The same for the product itself.</summary>
    public Task<TenantTransaction> BeginSnapshotAsync(Guid organization, CancellationToken cancellationToken) =>
        BeginAsync(IsolationLevel.RepeatableRead, organization, null, null, null, cancellationToken);

    /// <summary>The same with the snapshot of a transaction that is open, so that several connections read as one.</summary>
    public Task<TenantTransaction> BeginSnapshotAsync(Guid organization, string exported, CancellationToken cancellationToken) =>
        BeginAsync(IsolationLevel.RepeatableRead, organization, null, null, null, cancellationToken, exported);

    private async Task<TenantTransaction> BeginAsync(
        IsolationLevel isolation, Guid organization, Guid? session, Guid? user, string? role, CancellationToken cancellationToken, string? exported = null)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(isolation, cancellationToken);
            var tenant = new TenantTransaction(connection, transaction, organization);
            if (exported is not null)
                await tenant.ExecuteAsync($"SET TRANSACTION SNAPSHOT '{exported}'", [], cancellationToken);
            if (!await tenant.ScalarAsync<bool>("SELECT enter_organization($1, $2, $3, $4)", [organization, session, user, role], cancellationToken))
                throw new TenantRevokedException();
            return tenant;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}

/// <summary>The caller's session, key or user no longer stands; it becomes a 401.</summary>
internal sealed class TenantRevokedException : Exception;
