using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Infrastructure.Audit;

/// <summary>
/// The one place where entries are made: each event's name and its facts. Facts are ids, kinds and counts, never what a person typed,
/// nor an e-mail address: <c>data</c> outlives erasure.
/// </summary>
internal sealed class AuditEntries(TimeProvider clock)
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = PlainJsonEncoder.Instance };

    /// <summary>A new entry id, ordered by time.</summary>
    public Guid NewId() => Guid.CreateVersion7(clock.GetUtcNow());

    public AuditEntry OrganizationRegistered(TenantContext tenant, string name) =>
        Make(tenant, "organization.registered", json => json.WriteString("name"u8, name));

    /// <param name="changes">The settings by name; the values of secrets and prompts are left to <see cref="SettingChange"/>.</param>
    public AuditEntry SettingsChanged(TenantContext tenant, IReadOnlyList<SettingChange> changes) => Make(tenant, "settings.changed", json =>
    {
        json.WriteStartObject("changes"u8);
        foreach (var change in changes)
        {
            json.WritePropertyName(change.Name);
            json.WriteStringValue(change.Value);
        }

        json.WriteEndObject();
    });

    public AuditEntry UserInvited(TenantContext tenant, Guid user, string role) => Make(tenant, "user.invited", json =>
    {
        json.WriteString("user_id"u8, user);
        json.WriteString("role"u8, role);
    });

    /// <param name="fields">What changed, by name; a password only by its name.</param>
    public AuditEntry UserChanged(TenantContext tenant, Guid user, IReadOnlyList<string> fields, string role) => Make(tenant, "user.changed", json =>
    {
        json.WriteString("user_id"u8, user);
        json.WriteStartArray("fields"u8);
        foreach (var field in fields)
            json.WriteStringValue(field);
        json.WriteEndArray();
        json.WriteString("role"u8, role);
    });

    public AuditEntry UserRemoved(TenantContext tenant, Guid user) => Make(tenant, "user.removed", json => json.WriteString("user_id"u8, user));

    public AuditEntry SessionStarted(TenantContext tenant) => Make(tenant, "session.started", json => json.WriteString("session_id"u8, tenant.SessionId!.Value));

    /// <summary>A wrong password for an account that exists. No actor: nobody proved to be anyone.</summary>
    public AuditEntry SessionRefused(Guid organization, Guid account, string reason) => new(NewId(), organization, "session.refused", Actor: null, Data(json =>
    {
        json.WriteString("user_id"u8, account);
        json.WriteString("reason"u8, reason);
    }));

    /// <param name="reason"><c>logout</c>, <c>refresh_token_reused</c>, <c>password_changed</c>.</param>
    public AuditEntry SessionRevoked(Guid organization, Actor? actor, Guid session, string reason) => new(NewId(), organization, "session.revoked", actor, Data(json =>
    {
        json.WriteString("session_id"u8, session);
        json.WriteString("reason"u8, reason);
    }));

    public AuditEntry ApiKeyCreated(TenantContext tenant, Guid key, string role) => Make(tenant, "api_key.created", json =>
    {
        json.WriteString("api_key_id"u8, key);
        json.WriteString("role"u8, role);
    });

    public AuditEntry ApiKeyRevoked(TenantContext tenant, Guid key) => Make(tenant, "api_key.revoked", json => json.WriteString("api_key_id"u8, key));

    /// <param name="reason"><c>budget</c>, <c>rate_limit</c> or <c>suspended</c>.</param>
    public AuditEntry ChatRefused(TenantContext tenant, string reason) => Make(tenant, "chat.refused", json => json.WriteString("reason"u8, reason));

    /// <summary>The turn, whatever happened to it.</summary>
    /// <param name="id">Chosen when the turn began.</param>
    /// <param name="content">Question, answer and sources, encrypted; null when the person's key is gone.</param>
    /// <param name="write">Writes the members of <c>data</c>.</param>
    public static AuditEntry ChatCompleted(Guid id, Guid organization, Actor actor, byte[]? content, Action<Utf8JsonWriter> write) =>
        new(id, organization, "chat.completed", actor, Data(write)) { Content = content, SubjectId = content is null ? null : actor.UserId };

    /// <summary>A reviewer's decision on a turn. What they wrote, if anything, is the content, encrypted under the key of the person who asked.</summary>
    /// <param name="decision"><c>approved</c>, <c>overridden</c>, <c>escalated</c> or <c>dismissed</c>.</param>
    /// <param name="replaced">The entry of the decision that this one changes.</param>
    /// <param name="incident">What it was escalated to.</param>
    public static AuditEntry TurnDecided(
        TenantContext tenant, Guid id, string decision, Guid turn, Guid asker, Guid? replaced, Guid? incident, byte[]? content) =>
        new(id, tenant.OrganizationId, $"oversight.{decision}", tenant.Actor, Data(json =>
        {
            json.WriteString("audit_log_id"u8, turn);
            if (replaced is { } before)
                json.WriteString("replaces"u8, before);
            if (incident is { } escalated)
                json.WriteString("incident_id"u8, escalated);
        }))
        { Content = content, SubjectId = content is null ? null : asker };

    /// <param name="content">The reason, encrypted under the key of whoever gave it.</param>
    public static AuditEntry AssistantSuspended(TenantContext tenant, Guid id, byte[]? content) => Remarked(tenant, id, "assistant.suspended", content);

    /// <param name="content">A note, encrypted likewise; null without one.</param>
    public static AuditEntry AssistantResumed(TenantContext tenant, Guid id, byte[]? content) => Remarked(tenant, id, "assistant.resumed", content);

    /// <param name="facts">Writes the facts of the report beside the incident's id.</param>
    public AuditEntry IncidentReported(TenantContext tenant, Guid incident, Action<Utf8JsonWriter> facts) => Incident(tenant, "incident.reported", incident, facts);

    public AuditEntry IncidentChanged(TenantContext tenant, Guid incident, Action<Utf8JsonWriter> facts) => Incident(tenant, "incident.changed", incident, facts);

    public AuditEntry IncidentClosed(TenantContext tenant, Guid incident, Action<Utf8JsonWriter> facts) => Incident(tenant, "incident.closed", incident, facts);

    /// <summary>The product itself reminds of an incident's deadline.</summary>
    /// <param name="reminder"><c>three_days</c>, <c>one_day</c> or <c>overdue</c>.</param>
    public AuditEntry IncidentReminder(Guid organization, Guid incident, DateTimeOffset deadline, string reminder) =>
        new(NewId(), organization, "incident.changed", Actor: null, Data(json =>
        {
            json.WriteString("incident_id"u8, incident);
            json.WriteString("reminder"u8, reminder);
            json.WriteString("deadline"u8, AuditEncoder.FormatTime(deadline));
        }));

    /// <summary>The product's own daily look at the figures found something.</summary>
    public AuditEntry MonitoringAlerted(Guid organization, Action<Utf8JsonWriter> facts) => new(NewId(), organization, "monitoring.alerted", Actor: null, Data(facts));

    public AuditEntry LegalHold(TenantContext tenant, bool set) => Make(tenant, set ? "legal_hold.set" : "legal_hold.lifted", static _ => { });

    /// <summary>A person was erased (GDPR Art. 17): what explains that their keys are empty.</summary>
    /// <param name="ground">Of Art. 17(1), a word; null when none was named.</param>
    public AuditEntry SubjectErased(TenantContext tenant, Guid subject, string? ground) => Make(tenant, "subject.erased", json =>
    {
        json.WriteString("user_id"u8, subject);
        if (ground is not null)
            json.WriteString("reason"u8, ground);
    }) with
    { SubjectId = subject };

    /// <summary>Months past the retention were emptied: what explains that everyone's keys of them are empty.</summary>
    public AuditEntry ContentExpired(Guid organization, IReadOnlyList<DateOnly> months, int retentionDays) => new(NewId(), organization, "content.expired", Actor: null, Data(json =>
    {
        json.WriteStartArray("months"u8);
        foreach (var month in months)
            json.WriteStringValue(month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteEndArray();
        json.WriteNumber("retention_days"u8, retentionDays);
    }));

    /// <param name="content">The file's name, encrypted under the key of who uploaded it; null when that key is gone.</param>
    public static AuditEntry DocumentUploaded(Guid id, TenantContext tenant, Guid document, string mediaType, long size, byte[] sha256, Guid uploader, byte[]? content) =>
        new(id, tenant.OrganizationId, "document.uploaded", tenant.Actor, Data(json =>
        {
            json.WriteString("document_id"u8, document);
            json.WriteString("media_type"u8, mediaType);
            json.WriteNumber("size"u8, size);
            json.WriteString("sha256"u8, Convert.ToHexStringLower(sha256));
        }))
        { Content = content, SubjectId = content is null ? null : uploader };

    public AuditEntry DocumentIndexed(Guid organization, Guid document, int passages) => new(NewId(), organization, "document.indexed", Actor: null, Data(json =>
    {
        json.WriteString("document_id"u8, document);
        json.WriteNumber("passages"u8, passages);
    }));

    /// <param name="reason">The code of why, which says nothing of what is in it.</param>
    public AuditEntry DocumentFailed(Guid organization, Guid document, string reason) => new(NewId(), organization, "document.failed", Actor: null, Data(json =>
    {
        json.WriteString("document_id"u8, document);
        json.WriteString("reason"u8, reason);
    }));

    /// <param name="content">As for <see cref="DocumentUploaded"/>.</param>
    public static AuditEntry DocumentDeleted(Guid id, TenantContext tenant, Guid document, byte[] sha256, Guid uploader, byte[]? content) =>
        new(id, tenant.OrganizationId, "document.deleted", tenant.Actor, Data(json =>
        {
            json.WriteString("document_id"u8, document);
            json.WriteString("sha256"u8, Convert.ToHexStringLower(sha256));
        }))
        { Content = content, SubjectId = content is null ? null : uploader };

    /// <summary>Somebody read what a person typed.</summary>
    public AuditEntry ContentRead(TenantContext tenant, Guid entry) => Make(tenant, "audit.content_read", json => json.WriteString("audit_log_id"u8, entry));

    /// <param name="actor">Null when the command verified.</param>
    public AuditEntry Verified(Guid organization, Actor? actor, long rows, bool valid) => new(NewId(), organization, "audit.verified", actor, Data(json =>
    {
        json.WriteNumber("rows"u8, rows);
        json.WriteBoolean("valid"u8, valid);
    }));

    public AuditEntry Exported(TenantContext tenant, string format, long rows) => Make(tenant, "audit.exported", json =>
    {
        json.WriteString("format"u8, format);
        json.WriteNumber("rows"u8, rows);
    });

    /// <summary>A dossier left the house, or began to: written before its first byte.</summary>
    /// <param name="content">The reason for including personal content, encrypted under the key of whoever gave it; null without one.</param>
    public static AuditEntry DossierExported(TenantContext tenant, Guid id, byte[]? content, Action<Utf8JsonWriter> write) =>
        new(id, tenant.OrganizationId, "dossier.exported", tenant.Actor, Data(write)) { Content = content, SubjectId = content is null ? null : tenant.UserId };

    private static AuditEntry Remarked(TenantContext tenant, Guid id, string type, byte[]? content) =>
        new(id, tenant.OrganizationId, type, tenant.Actor, Data(static _ => { })) { Content = content, SubjectId = content is null ? null : tenant.UserId };

    private AuditEntry Incident(TenantContext tenant, string type, Guid incident, Action<Utf8JsonWriter> facts) => Make(tenant, type, json =>
    {
        json.WriteString("incident_id"u8, incident);
        facts(json);
    });

    private AuditEntry Make(TenantContext tenant, string type, Action<Utf8JsonWriter> write) =>
        new(NewId(), tenant.OrganizationId, type, tenant.Actor, Data(write));

    private static ReadOnlyMemory<byte> Data(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}

/// <summary>A setting's name and its new value as the log may keep it: a secret or a prompt is <c>set</c> or <c>cleared</c>.</summary>
internal sealed record SettingChange(string Name, string? Value);
