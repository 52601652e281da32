using System.Security.Cryptography;
using LexCustis.Infrastructure.Audit;
using LexCustis.Infrastructure.Postgres;

namespace LexCustis.Features.Dossier;

/// <summary>
/// Signatures of manifests. ECDSA takes a new random number each time, so the first signature of a manifest is kept and given again: the
/// same dossier then has the same bytes.
/// </summary>
internal static class DossierSignatures
{
    public static async Task<byte[]> SignAsync(
        TenantDatabase database, Guid organization, CheckpointKeys keys, byte[] manifest, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var digest = SHA256.HashData(manifest);
        await using var transaction = await database.BeginAsync(organization, cancellationToken);
        await transaction.ExecuteAsync("""
            INSERT INTO dossier_signatures (organization_id, manifest_sha256, key_sha256, signature, signed_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT ON CONSTRAINT dossier_signatures_pkey DO NOTHING
            """, [organization, digest, keys.Fingerprint, keys.Sign(manifest), now.UtcDateTime], cancellationToken);
        var signature = await transaction.ScalarAsync<byte[]>(
            "SELECT signature FROM dossier_signatures WHERE organization_id = $1 AND manifest_sha256 = $2 AND key_sha256 = $3", [organization, digest, keys.Fingerprint], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return signature!;
    }
}
