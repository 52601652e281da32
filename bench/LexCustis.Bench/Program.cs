using LexCustis.Bench;

// `make bench` starts PostgreSQL and Redis, builds the binary and runs this. Contenders are interleaved in one run; figures are medians.
switch (args)
{
    case ["appends"]:
        await AppendBench.RunAsync();
        return 0;
    case ["monitoring"]:
        await MonitoringBench.RunAsync(turns: 100_000);
        return 0;
    case ["server"]:
        await ServerBench.RunAsync();
        return 0;
    case ["audit"]:
        await AuditBench.RunAsync();
        return 0;
    case ["search"]:
        await SearchBench.RunAsync();
        return 0;
    case ["documents"]:
        await DocumentBench.RunAsync();
        return 0;
    case ["dossier"]:
        await DossierBench.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("usage: bench appends | monitoring | server | audit | documents | dossier | search");
        return 2;
}
