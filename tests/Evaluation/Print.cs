namespace LexCustis.Evaluation;

/// <summary>What the evaluation says: lines for people, and <c>EVAL name value</c> for programs.</summary>
internal static class Print
{
    public static void Line(string text) => Console.WriteLine(text);

    public static void Eval(string name, double value) => Console.WriteLine($"EVAL {name} {value.ToString("0.####")}");
}
