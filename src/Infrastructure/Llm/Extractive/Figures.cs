using System.Text.RegularExpressions;

namespace LexCustis.Infrastructure.Llm.Extractive;

/// <summary>Questions that want a number, a date or a period, and sentences that state one, in English, French and German; the questions in Spanish and Italian too.</summary>
internal static partial class Figures
{
    public static bool Asked(string question) => Question().IsMatch(question);

    public static bool In(string sentence) => Figure().IsMatch(sentence);

    [GeneratedRegex(
        @"\b(how (long|many|much|high|soon|often|old)|when|what (date|percentage|deadline)|combien|quand|quel délai|wie (lange|viele?|hoch|oft)|wann|cuándo|cuánt[oa]s?|qué plazo|quando|quant[oaie]|entro)\b",
        RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Question();

    /// <summary>Numbers of articles and paragraphs are references, not figures.</summary>
    [GeneratedRegex(
        @"(?<!\b(Art\.|Articles?|Annex|to|and|or|,) ?)(?<![\d(/])\b\d+(?![\d(/)])"
        + @"|\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|un|deux|trois|quatre|cinq|sept|huit|neuf|dix|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)"
        + @"\s+(hours?|days?|weeks?|months?|years?|heures?|jours?|semaines?|mois|ans?|années?|stunden?|tagen?|wochen?|monaten?|jahren?)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Figure();
}
