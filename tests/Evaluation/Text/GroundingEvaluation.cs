using LexCustis.Infrastructure.Checks;
using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Evaluation.Text;

/// <summary>How well the sentence score parts supported from unsupported sentences: the area under the ROC curve.</summary>
internal static class GroundingEvaluation
{
    public static void Run(string folder, bool explain)
    {
        var passages = new List<Passage>();
        var supported = new List<double>();
        var unsupported = new List<double>();
        var rightPassage = 0;
        string? id = null;
        var title = "";
        foreach (var line in File.ReadAllLines(Path.Combine(folder, "data", "grounding.txt")).Skip(2))
        {
            switch (line)
            {
                case "=":
                    passages.Clear();
                    break;
                case ['#', ' ', .. var head]:
                    id = head.Split(' ')[0];
                    title = head[(id.Length + 1)..];
                    break;
                case ['+' or '-', ' ', .. var answer]:
                    var sentence = Grounding.Assess(answer, passages).Sentences.Single();
                    (line[0] == '+' ? supported : unsupported).Add(sentence.Score);
                    rightPassage += line[0] == '+' && sentence.Source is not null ? 1 : 0;
                    if (explain && (line[0] == '+') != (sentence.Score >= 0.5))
                        Print.Line($"{sentence.Score:F2} {line}");
                    break;
                default:
                    if (line.Length > 0)
                        passages.Add(new Passage($"{id}#0", id!, title, "", 0, line, 1, false));
                    break;
            }
        }

        Print.Eval("grounding_sentences", supported.Count + unsupported.Count);
        Print.Eval("grounding_auroc", Area(supported, unsupported));
        Print.Eval("grounding_accuracy_at_half", (double)(supported.Count(s => s >= 0.5) + unsupported.Count(s => s < 0.5)) / (supported.Count + unsupported.Count));
    }

    // The chance that a supported sentence scores above an unsupported one; a tie counts half.
    private static double Area(List<double> above, List<double> below) =>
        above.Sum(a => below.Sum(b => a > b ? 1 : a.Equals(b) ? 0.5 : 0)) / ((double)above.Count * below.Count);
}
