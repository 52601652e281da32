using System.Globalization;

namespace LexCustis.Infrastructure.Configuration;

/// <summary>Reads settings from the environment; <c>NAME_FILE</c> names a file that holds the value of <c>NAME</c>.</summary>
internal sealed class EnvironmentReader(Func<string, string?> variable)
{
    public static EnvironmentReader OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The value without surrounding white space; null when absent or blank.</summary>
    public string? Optional(string name)
    {
        if (variable(name) is { } value && !string.IsNullOrWhiteSpace(value))
            return value.Trim();

        if (variable(name + "_FILE") is not { } path || string.IsNullOrWhiteSpace(path))
            return null;

        try
        {
            var text = File.ReadAllText(path.Trim()).Trim();
            return text.Length > 0 ? text : throw new SettingException(name + "_FILE", $"the file {path} is empty.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(name + "_FILE", $"the file {path} cannot be read ({failure.GetType().Name}).");
        }
    }

    public string Required(string name, string want) => Optional(name) ?? throw new SettingException(name, $"is missing. {want}");

    public int Integer(string name, int fallback, int minimum, int maximum)
    {
        if (Optional(name) is not { } text)
            return fallback;

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
            ? value
            : throw new SettingException(name, $"use a whole number from {minimum} to {maximum}.");
    }

    public bool Boolean(string name, bool fallback) => Optional(name)?.ToLowerInvariant() switch
    {
        null => fallback,
        "true" or "1" or "yes" => true,
        "false" or "0" or "no" => false,
        _ => throw new SettingException(name, "use true or false."),
    };

    /// <summary>Whole seconds (<c>60</c>) or a number with a unit (<c>60s</c>, <c>5m</c>, <c>1h</c>).</summary>
    public TimeSpan Duration(string name, TimeSpan fallback)
    {
        if (Optional(name) is not { } text)
            return fallback;

        var (digits, unit) = text[^1] switch
        {
            's' => (text[..^1], 1),
            'm' => (text[..^1], 60),
            'h' => (text[..^1], 3600),
            _ => (text, 1),
        };
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) && amount is > 0 and <= 86_400
            ? TimeSpan.FromSeconds((double)amount * unit)
            : throw new SettingException(name, "use a duration such as 60s, 5m or 1h.");
    }
}
