using LexCustis.Evaluation;
using LexCustis.Evaluation.Pii;

// make eval: what the checks find and miss, on sets of our own. The folder is tests/Evaluation.
if (args is not [var what, var folder])
{
    Console.Error.WriteLine("usage: LexCustis.Evaluation pii|pii-errors|all FOLDER");
    return 2;
}

switch (what)
{
    case "pii" or "all":
        PiiEvaluation.Run(folder);
        break;
    case "pii-errors":
        PiiEvaluation.Explain(400);
        break;
}

return 0;
