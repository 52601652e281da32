using LexCustis.Evaluation.Injection;
using LexCustis.Evaluation.Pii;
using LexCustis.Evaluation.Retrieval;
using LexCustis.Evaluation.Text;

// make eval: what the checks find and miss and what retrieval brings, on sets of our own. The folder is tests/Evaluation.
if (args is not [var what, var folder])
{
    Console.Error.WriteLine("usage: LexCustis.Evaluation all|pii|injection|bias|grounding|speed|growth|retrieval|train-injection FOLDER; with -errors, what went wrong");
    return 2;
}

var explain = what.EndsWith("-errors", StringComparison.Ordinal);
var all = what == "all";
what = explain ? what[..^"-errors".Length] : what;

if (what == "train-injection")
    Trainer.Run(folder, Path.Combine(folder, "../../src/Infrastructure/Checks/Models/injection-3.weights"), explain);
if (what == "pii" && explain)
    PiiEvaluation.Explain(400);
else if (all || what == "pii")
    PiiEvaluation.Run(folder);
if (all || what == "injection")
    InjectionEvaluation.Run(folder, explain);
if (all || what == "bias")
    BiasEvaluation.Run(folder, explain);
if (all || what == "grounding")
    GroundingEvaluation.Run(folder, explain);
if (all || what == "retrieval")
    await RetrievalEvaluation.RunAsync(folder, explain);
if (all || what == "speed")
    SpeedEvaluation.Run(folder);
if (all || what == "growth")
    SpeedEvaluation.Growth();
return 0;
