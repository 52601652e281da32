using System.Text.Json;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Monitoring;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;

namespace LexCustis.Features.Dossier;

/// <summary>Everything of a dossier that is small, read in one go; the log itself is streamed.</summary>
internal sealed record PreparedDossier
{
    public required DossierRange Range { get; init; }

    public required SystemCard Card { get; init; }

    public required CardFacts Facts { get; init; }

    public required VerificationReport Verification { get; init; }

    public required Checkpoint Checkpoint { get; init; }

    /// <summary>Null when the log was changed after it was signed: then the files are missing, and verification says why.</summary>
    public required DossierProofs? Proofs { get; init; }

    public required MonitoringReport Monitoring { get; init; }

    public required IReadOnlyList<DossierIncident> Incidents { get; init; }

    public required OversightCounts Oversight { get; init; }
}

/// <summary>Reads what a dossier says, and writes its files in their order.</summary>
internal sealed class DossierWriter(
    TenantDatabase database, AuditVerifier verifier, CheckpointSettings checkpoints, LlmProviderFactory providers, MasterKeys masterKeys, SubjectKeys subjectKeys,
    AuditLog audit, AuditEntries entries, TimeProvider clock)
{
    /// <returns>Null when no checkpoint covers the range's last entry.</returns>
    public async Task<PreparedDossier?> PrepareAsync(TenantTransaction snapshot, DossierRange range, CancellationToken cancellationToken)
    {
        if (await DossierProofs.FindCheckpointAsync(snapshot, range.Last, cancellationToken) is not { } checkpoint)
            return null;

        var verification = await verifier.VerifyAsync(range.Organization, null, cancellationToken);
        var facts = await CardFacts.ReadAsync(snapshot, providers, masterKeys, range.Last, cancellationToken);
        return new PreparedDossier
        {
            Range = range,
            Card = SystemCard.Make(await CardAttestations.ReadAsync(snapshot, range.To, cancellationToken), facts),
            Facts = facts,
            Verification = verification,
            Checkpoint = checkpoint,
            Proofs = verification.Valid ? await DossierProofs.ReadAsync(snapshot, range, checkpoint, cancellationToken) : null,
            Monitoring = await MonitoringReader.ReadAsync(snapshot, PeriodOf(range), fromLogAlone: true, cancellationToken, range.Last),
            Incidents = await DossierIncident.ReadAsync(snapshot, range, cancellationToken),
            Oversight = await OversightCounts.ReadAsync(snapshot, range, cancellationToken),
        };
    }

    /// <summary>The entry <c>dossier.exported</c>. The reason is what a person typed, so it is content, under their key.</summary>
    public async Task RecordAsync(TenantContext tenant, DossierRange range, string? reason, CancellationToken cancellationToken)
    {
        var id = entries.NewId();
        await using var transaction = await database.BeginAsync(tenant, cancellationToken);
        byte[]? content = null;
        if (!string.IsNullOrEmpty(reason) && await subjectKeys.ForAsync(transaction, tenant.UserId, id, cancellationToken) is { } key)
            content = SubjectKeys.Seal(key, id, JsonSerializer.SerializeToUtf8Bytes(new ExportReason(reason), DossierJson.Default.ExportReason));
        var entry = AuditEntries.DossierExported(tenant, id, content, json =>
        {
            json.WriteString("from"u8, AuditEncoder.FormatTime(range.From));
            json.WriteString("to"u8, AuditEncoder.FormatTime(range.To));
            json.WriteString("content"u8, range.WithContent ? "included" : "omitted");
            json.WriteNumber("first_sequence"u8, range.First);
            json.WriteNumber("last_sequence"u8, range.Last);
        });
        await audit.AppendAsync(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task WriteAsync(TenantTransaction snapshot, PreparedDossier dossier, DossierArchive archive, CancellationToken cancellationToken)
    {
        var range = dossier.Range;
        await archive.AddAsync("README.html", DossierReadme.Write(dossier));
        await archive.AddAsync("VERIFY.md", DossierFiles.VerifyPage);
        await archive.AddAsync("verify.py", DossierFiles.VerifyProgram);
        foreach (var section in dossier.Card.Sections)
            await archive.AddAsync($"annex-iv/{section.Section:00}.md", AnnexPage.Write(section));

        await archive.AddLinesAsync("audit/entries.jsonl", lines => DossierLog.WriteEntriesAsync(snapshot, range, lines, cancellationToken));
        if (range.WithContent)
            await archive.AddLinesAsync("audit/content.jsonl", lines => DossierLog.WriteContentAsync(snapshot, range, subjectKeys, lines, cancellationToken));
        await archive.AddAsync("audit/verification.json", json => DossierFiles.WriteVerification(json, dossier));
        await archive.AddAsync("audit/checkpoint.txt", dossier.Checkpoint.Note.ToString());
        await archive.AddAsync("audit/public-key.pem", checkpoints.Keys!.PublicPem);
        if (dossier.Proofs is { } proofs)
            await proofs.WriteAsync(range, dossier.Checkpoint, archive);
        await archive.AddLinesAsync("oversight.jsonl", lines => DossierLog.WriteOversightAsync(snapshot, range, lines, cancellationToken));
        await archive.AddLinesAsync("incidents.jsonl", async lines =>
        {
            foreach (var incident in dossier.Incidents)
                await lines.WriteAsync(incident, static (json, incident) => incident.Write(json));
        });
        await archive.AddAsync("monitoring.json", json => JsonSerializer.Serialize(json, dossier.Monitoring, MonitoringJson.Default.MonitoringReport));
        await archive.AddAsync("configuration.json", json => DossierFiles.WriteConfiguration(json, dossier));
        await archive.FinishAsync(range, manifest => DossierSignatures.SignAsync(database, range.Organization, checkpoints.Keys, manifest, clock.GetUtcNow(), cancellationToken));
    }

    /// <summary>The range's days (UTC), whole; of a range that is longer than monitoring goes, the last of them.</summary>
    private static MonitoringPeriod PeriodOf(DossierRange range)
    {
        var (from, to) = (DateOnly.FromDateTime(range.From.UtcDateTime), DateOnly.FromDateTime(range.To.UtcDateTime.AddMicroseconds(-1)));
        var earliest = to.AddDays(1 - MonitoringPeriod.LongestDays);
        return new MonitoringPeriod(from < earliest ? earliest : from, to);
    }
}

/// <summary>The content of a <c>dossier.exported</c> entry.</summary>
internal sealed record ExportReason(string Reason);
