namespace LexCustis.Infrastructure.Audit;

/// <summary>What the operator set for checkpoints.</summary>
/// <param name="Keys">Null: no checkpoints are signed here, and no signature is checked.</param>
/// <param name="LogOrigin">The log's name before each organization's id.</param>
/// <param name="Anchors">Null: checkpoints are kept in the database alone.</param>
/// <param name="Interval">Between two rounds.</param>
internal sealed record CheckpointSettings(CheckpointKeys? Keys, string LogOrigin, AnchorDirectory? Anchors, TimeSpan Interval)
{
    public const string DefaultLogOrigin = "lexcustis.local";
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(60);

    public static CheckpointSettings Off { get; } = new(null, DefaultLogOrigin, null, DefaultInterval);
}
