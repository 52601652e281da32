using System.ComponentModel.DataAnnotations;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Llm;
using LexCustis.Infrastructure.Postgres;
using LexCustis.Infrastructure.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LexCustis.Features.Dossier;

/// <param name="Version">Of the card that was read: someone else's change since is not written over.</param>
internal sealed record PutSystemCardRequest([Required] long? Version, [Required] IReadOnlyList<PutCardSection?>? Sections);

/// <param name="Attestation">Null or blank withdraws it.</param>
internal sealed record PutCardSection([Required, Range(1, 9)] int? Section, [StringLength(SystemCard.MaximumAttestation)] string? Attestation);

/// <summary>Writes, changes or withdraws attestations. The log keeps each text's hash, the card's versions keep the texts.</summary>
internal static class PutSystemCard
{
    public static void Map(RouteGroupBuilder dossier) => dossier.MapPut("/system-card", Handle).RequireAuthorization(Policies.Oversees)
        .Answers(StatusCodes.Status409Conflict, "Someone else has changed the card since it was read.");

    private static async Task<Results<Ok<SystemCard>, ValidationProblem, ProblemHttpResult>> Handle(
        PutSystemCardRequest request, TenantContext tenant, TenantDatabase database, LlmProviderFactory providers, MasterKeys masterKeys, AuditLog audit,
        AuditEntries entries, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Check(request) is { } problem)
            return problem;

        await using (var transaction = await database.BeginAsync(tenant, cancellationToken))
        {
            var before = await CardAttestations.ReadAsync(transaction, before: null, cancellationToken);
            if (before.Version != request.Version)
                return Overtaken();

            var changed = request.Sections!
                .Select(static section => (Section: section!.Section!.Value, Text: string.IsNullOrWhiteSpace(section.Attestation) ? null : section.Attestation.Trim()))
                .Where(section => before.BySection.GetValueOrDefault(section.Section)?.Text != section.Text).ToList();
            if (changed.Count > 0)
            {
                if (!await before.ReplaceAsync(transaction, changed, tenant.UserId, clock.GetUtcNow(), cancellationToken))
                    return Overtaken();
                await audit.AppendAsync(transaction, entries.SettingsChanged(tenant,
                    changed.ConvertAll(static section => new SettingChange($"system_card.section_{section.Section}", section.Text is null ? null : CardAttestation.HashOf(section.Text)))),
                    cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
        }

        return TypedResults.Ok(await GetSystemCard.ReadAsync(tenant, database, providers, masterKeys, cancellationToken));
    }

    private static ValidationProblem? Check(PutSystemCardRequest request)
    {
        var check = new RequestCheck()
            .Require(request.Version is >= 0, "version", "Use the version of the card that you read.")
            .Require(request.Sections is { Count: > 0 and <= 9 }, "sections", "Name one to nine sections.");
        var seen = new HashSet<int>();
        for (var index = 0; !check.Failed && index < request.Sections!.Count; index++)
        {
            var section = request.Sections[index];
            check.Require(section?.Section is >= 1 and <= 9 && seen.Add(section.Section.Value), $"sections[{index}].section", "Use a number from 1 to 9, each once.")
                .Require(section?.Attestation is null or { Length: <= SystemCard.MaximumAttestation }, $"sections[{index}].attestation", $"Use at most {SystemCard.MaximumAttestation} characters, or null.");
        }

        return check.Failed ? check.Problem() : null;
    }

    private static ProblemHttpResult Overtaken() => Problems.Conflict("Someone else has changed the system card since you read it: read it again, then write your change into what is there now.");
}
