namespace LexCustis.Infrastructure.Configuration;

/// <summary>A setting is missing or malformed. The message is one line: it names the variable and says what it wants, and never repeats a secret.</summary>
internal sealed class SettingException(string variable, string want) : Exception($"{variable}: {want}");
