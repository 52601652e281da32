using LexCustis.Infrastructure.Audit;

namespace LexCustis.Infrastructure.Configuration;

/// <summary>Reads what the operator set for checkpoints.</summary>
internal static class CheckpointSettingsReader
{
    /// <summary>Like every setting, the key may stand in a file; that is how it is documented.</summary>
    private const string Key = "LEXCUSTIS_CHECKPOINT_KEY";

    public const string KeyVariable = Key + "_FILE";
    private const string DirectoryVariable = "LEXCUSTIS_CHECKPOINT_DIR";
    private const string IntervalVariable = "LEXCUSTIS_CHECKPOINT_INTERVAL";
    private const string OriginVariable = "LEXCUSTIS_LOG_ORIGIN";

    /// <summary>For the server, which signs.</summary>
    /// <exception cref="SettingException">A setting is malformed.</exception>
    public static CheckpointSettings Read(EnvironmentReader environment)
    {
        var keys = ReadKeys(environment);
        if (keys is { CanSign: false })
            throw new SettingException(KeyVariable, "begins with a public key: put the private key first, retired keys after it.");
        return new CheckpointSettings(keys, ReadOrigin(environment), ReadDirectory(environment),
            environment.Duration(IntervalVariable, CheckpointSettings.DefaultInterval));
    }

    /// <summary>For commands, which verify: a public key is enough, and another directory may be named.</summary>
    /// <param name="directory">Null: the environment's.</param>
    public static CheckpointSettings ReadForVerifying(EnvironmentReader environment, string? directory) => CheckpointSettings.Off with
    {
        Keys = ReadKeys(environment),
        Anchors = directory is null ? ReadDirectory(environment) : new AnchorDirectory(directory),
    };

    private static CheckpointKeys? ReadKeys(EnvironmentReader environment)
    {
        const string Want = "Use a PEM file; `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` makes one.";
        if (environment.Optional(Key) is not { } pem)
            return null;
        return CheckpointKeys.TryParse(pem, out var keys, out var reason) ? keys : throw new SettingException(KeyVariable, $"{reason} {Want}");
    }

    private static AnchorDirectory? ReadDirectory(EnvironmentReader environment)
    {
        if (environment.Optional(DirectoryVariable) is not { } path)
            return null;
        return Directory.Exists(path) ? new AnchorDirectory(path) : throw new SettingException(DirectoryVariable, $"there is no directory {path}: create it, writable for the server.");
    }

    private static string ReadOrigin(EnvironmentReader environment)
    {
        var origin = environment.Optional(OriginVariable) ?? CheckpointSettings.DefaultLogOrigin;
        var fine = origin.Length <= 200 && !origin.EndsWith('/') && !origin.Contains("//", StringComparison.Ordinal)
            && origin.All(static character => character is > ' ' and <= '~' and not '+');
        return fine ? origin : throw new SettingException(OriginVariable, "use a name such as audit.example.org: an address without scheme, of ASCII without spaces, '+' and a '/' at the end, up to 200 characters.");
    }
}
