using Npgsql;

namespace LexCustis.Infrastructure.Postgres;

/// <summary>The questions that come before an organization is known, each a function in the database that answers nothing else.</summary>
internal sealed class TenantDirectory(NpgsqlDataSource source)
{
    /// <returns>Null for an address that no one has.</returns>
    public Task<Credentials?> FindCredentialsAsync(string email, CancellationToken cancellationToken) => FirstAsync(
        "SELECT user_id, organization_id, role, password_hash FROM find_credentials($1)", email,
        static row => new Credentials(row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3)), cancellationToken);

    /// <returns>The organization whose refresh token, current or used, has this SHA-256; null when none has.</returns>
    public Task<Guid?> FindRefreshTokenAsync(byte[] tokenHash, CancellationToken cancellationToken) => FirstAsync(
        "SELECT find_refresh_token($1)", tokenHash, static row => row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), cancellationToken);

    /// <returns>Null for a key that is unknown, revoked, or whose maker was removed.</returns>
    public Task<ApiKeyOwner?> FindApiKeyAsync(byte[] keyHash, CancellationToken cancellationToken) => FirstAsync(
        "SELECT key_id, organization_id, user_id, role FROM find_api_key($1)", keyHash,
        static row => new ApiKeyOwner(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3)), cancellationToken);

    /// <summary>Every log that has entries or checkpoints, in the order of the organizations' ids.</summary>
    public async Task<List<LoggedTree>> ListTreesAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT organization_id, entries, note FROM list_trees()");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var trees = new List<LoggedTree>();
        while (await reader.ReadAsync(cancellationToken))
            trees.Add(new LoggedTree(reader.GetGuid(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        return trees;
    }

    /// <summary>Every organization that has a row, a log or a checkpoint, in the order of their ids.</summary>
    public async Task<List<Guid>> ListOrganizationsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT list_organizations()");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var organizations = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            organizations.Add(reader.GetGuid(0));
        return organizations;
    }

    /// <summary>Turns that began between the two times and never reached the log, oldest first, 100 at most.</summary>
    public async Task<List<UnrecordedTurn>> FindUnrecordedTurnsAsync(DateTimeOffset beganAfter, DateTimeOffset beganBefore, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "SELECT id, organization_id, conversation_id, user_id, role, via, started_at FROM find_unrecorded_turns($1, $2)");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = beganAfter });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = beganBefore });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var turns = new List<UnrecordedTurn>();
        while (await reader.ReadAsync(cancellationToken))
        {
            turns.Add(new UnrecordedTurn(reader.GetGuid(0), reader.GetGuid(1), reader.IsDBNull(2) ? null : reader.GetGuid(2),
                reader.GetGuid(3), reader.GetString(4), reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return turns;
    }

    /// <summary>Deleted documents whose vectors outside PostgreSQL are to be taken away by now, 100 at most.</summary>
    public Task<List<(Guid Organization, Guid Document, bool Swept)>> FindVectorRemovalsAsync(DateTimeOffset now, CancellationToken cancellationToken) => ListAsync(
        "SELECT organization_id, document_id, swept FROM find_vector_removals($1)", now,
        static row => (row.GetGuid(0), row.GetGuid(1), row.GetBoolean(2)), cancellationToken);

    /// <summary>Of each organization: how often it was suspended so far, and the reason while it is.</summary>
    public Task<List<Suspension>> FindSuspensionsAsync(Guid[] organizations, CancellationToken cancellationToken) => ListAsync(
        "SELECT organization_id, suspensions, reason FROM find_suspensions($1)", organizations,
        static row => new Suspension(row.GetGuid(0), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetString(2)), cancellationToken);

    /// <summary>Open incidents whose next reminder is due, the nearest deadline first, 100 at most.</summary>
    public Task<List<DueIncident>> FindDueIncidentsAsync(DateTimeOffset moment, CancellationToken cancellationToken) => ListAsync(
        "SELECT id, organization_id, deadline, reminder FROM find_due_incidents($1)", moment,
        static row => new DueIncident(row.GetGuid(0), row.GetGuid(1), row.GetFieldValue<DateTimeOffset>(2), row.GetString(3)), cancellationToken);

    /// <summary>Organizations whose log has grown by at least so many entries since its figures were last summed up.</summary>
    public Task<List<Guid>> FindMonitoringBacklogAsync(long minimum, CancellationToken cancellationToken) =>
        ListAsync("SELECT find_monitoring_backlog($1)", minimum, static row => row.GetGuid(0), cancellationToken);

    /// <summary>Organizations whose figures nobody has looked at for that day (UTC).</summary>
    public Task<List<Guid>> FindUncheckedOrganizationsAsync(DateOnly day, CancellationToken cancellationToken) =>
        ListAsync("SELECT find_unchecked_organizations($1)", day, static row => row.GetGuid(0), cancellationToken);

    private async Task<List<T>> ListAsync<T>(string sql, object parameter, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>Organizations with keys past their retention, or under a master key that is not current, in the order of their ids.</summary>
    public async Task<List<Guid>> FindKeyUpkeepAsync(string currentKid, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT find_key_upkeep($1, $2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = currentKid });
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var organizations = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
            organizations.Add(reader.GetGuid(0));
        return organizations;
    }

    /// <summary>Takes the next document that is due for indexing, of whatever organization.</summary>
    /// <param name="lease">How long the claim holds by the database's clock.</param>
    /// <returns>Null when none is due.</returns>
    public async Task<ClaimedDocument?> ClaimDocumentAsync(Guid claim, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT id, organization_id, media_type, attempts FROM claim_document($1, $2)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = claim });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = lease.TotalSeconds });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new ClaimedDocument(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt32(3)) : null;
    }

    /// <summary>Takes the next ready document whose vectors are missing, of whatever organization.</summary>
    /// <param name="lease">How long nobody else takes it, by the database's clock.</param>
    /// <returns>Null when none is due.</returns>
    public Task<ClaimedVectors?> ClaimMissingVectorsAsync(TimeSpan lease, CancellationToken cancellationToken) => FirstAsync(
        "SELECT document_id, organization_id, attempts FROM claim_missing_vectors($1)", lease.TotalSeconds,
        static row => new ClaimedVectors(row.GetGuid(0), row.GetGuid(1), row.GetInt32(2)), cancellationToken);

    private async Task<T?> FirstAsync<T>(string sql, object parameter, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : default;
    }
}

internal sealed record Credentials(Guid UserId, Guid OrganizationId, string Role, string PasswordHash);

internal sealed record Suspension(Guid OrganizationId, int Count, string? Reason);

internal sealed record DueIncident(Guid Id, Guid OrganizationId, DateTimeOffset Deadline, string Reminder);

internal sealed record ApiKeyOwner(Guid KeyId, Guid OrganizationId, Guid UserId, string Role);

internal sealed record UnrecordedTurn(Guid Id, Guid OrganizationId, Guid? ConversationId, Guid UserId, string Role, string Via, DateTimeOffset StartedAt);

/// <param name="Entries">The last sequence; 0 where all entries are gone.</param>
/// <param name="Note">The last checkpoint as it was signed; null before the first.</param>
internal sealed record LoggedTree(Guid OrganizationId, long Entries, string? Note);

/// <param name="Attempts">This one is counted.</param>
internal sealed record ClaimedVectors(Guid DocumentId, Guid OrganizationId, int Attempts);

internal sealed record ClaimedDocument(Guid Id, Guid OrganizationId, string MediaType, int Attempts);
