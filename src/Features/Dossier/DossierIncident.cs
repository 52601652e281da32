using System.Text.Json;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>An incident as the log tells it, until the end of the range: its state is what its entries add up to.</summary>
internal sealed class DossierIncident(Guid id)
{
    /// <summary>The members that the last entry decides which has them.</summary>
    private static readonly string[] StateMembers = ["severity", "category", "status", "aware_at", "deadline", "audit_log_ids"];

    private readonly Dictionary<string, JsonElement> state = new(StringComparer.Ordinal);
    private readonly List<JsonElement> evidence = [];
    private readonly List<(long Sequence, string At, string Type, JsonElement Data)> history = [];

    public Guid Id { get; } = id;

    public string Status => Text("status");

    public string Severity => Text("severity");

    public string Category => Text("category");

    public string AwareAt => Text("aware_at");

    public string Deadline => Text("deadline");

    /// <summary>What people wrote of it; null where personal content is left out.</summary>
    public (string Title, string Description)? Words { get; private set; }

    /// <summary>Incidents that were open, or of which something was recorded, in the range, oldest first.</summary>
    public static async Task<List<DossierIncident>> ReadAsync(TenantTransaction snapshot, DossierRange range, CancellationToken cancellationToken)
    {
        var incidents = new Dictionary<Guid, DossierIncident>();
        await using (var reader = await snapshot.ReadAsync("""
            SELECT sequence, body FROM audit_logs WHERE organization_id = $1 AND sequence <= $2
              AND event_type IN ('incident.reported', 'incident.changed', 'incident.closed') ORDER BY sequence
            """, [range.Organization, range.Last], cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                using var document = EntryLine.Read(reader.GetFieldValue<byte[]>(1));
                if (document is null || !document.RootElement.TryGetProperty("data", out var data) || !data.TryGetProperty("incident_id", out var named) || !named.TryGetGuid(out var id))
                    continue;
                if (!incidents.TryGetValue(id, out var incident))
                    incidents.Add(id, incident = new DossierIncident(id));
                incident.Add(reader.GetInt64(0), document.RootElement.GetProperty("at").GetString()!, document.RootElement.GetProperty("type").GetString()!, data.Clone());
            }
        }

        if (range.WithContent)
        {
            await using var words = await snapshot.ReadAsync("SELECT id, title, description FROM incidents WHERE organization_id = $1", [range.Organization], cancellationToken);
            while (await words.ReadAsync(cancellationToken))
            {
                if (incidents.TryGetValue(words.GetGuid(0), out var incident))
                    incident.Words = (words.GetString(1), words.GetString(2));
            }
        }

        return [.. incidents.Values.Where(incident => incident.Status != "closed" || incident.history[^1].Sequence >= range.First)];
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        if (Words is var (title, description))
        {
            json.WriteString("title"u8, title);
            json.WriteString("description"u8, description);
        }

        foreach (var name in StateMembers)
        {
            if (!state.TryGetValue(name, out var value))
                continue;
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteStartArray("evidence"u8);
        foreach (var file in evidence)
            file.WriteTo(json);
        json.WriteEndArray();
        json.WriteStartArray("entries"u8);
        foreach (var (sequence, at, type, data) in history)
        {
            json.WriteStartObject();
            json.WriteNumber("sequence"u8, sequence);
            json.WriteString("at"u8, at);
            json.WriteString("type"u8, type);
            json.WritePropertyName("data"u8);
            data.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Add(long sequence, string at, string type, JsonElement data)
    {
        history.Add((sequence, at, type, data));
        foreach (var name in StateMembers)
        {
            if (data.TryGetProperty(name, out var value))
                state[name] = value;
        }

        // A change of status says from where to where.
        if (data.TryGetProperty("to", out var status))
            state["status"] = status;
        if (data.TryGetProperty("evidence", out var file))
            evidence.Add(file);
    }

    private string Text(string name) => state.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
