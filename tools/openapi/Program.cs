using LexCustis.OpenApi;

// Writes the OpenAPI document to the file that the argument names; run by scripts/openapi.
if (args is not [var file])
{
    Console.Error.WriteLine("usage: LexCustis.OpenApi FILE");
    return 2;
}

// Settings that satisfy the product. Nothing is asked of a database, and the port is any free one.
var environment = new Dictionary<string, string>
{
    ["LEXCUSTIS_DATABASE_URL"] = "postgres://lexcustis@127.0.0.1:1/none",
    ["LEXCUSTIS_MASTER_KEYS"] = "none:" + Convert.ToBase64String(new byte[32]),
    ["LEXCUSTIS_JWT_SECRET"] = new string('-', 48),
    ["LEXCUSTIS_URLS"] = "http://127.0.0.1:0",
};
try
{
    // What the product logs meanwhile, that the database is away above all, is no news.
    var output = Console.Out;
    Console.SetOut(TextWriter.Null);
    var document = await RunningProduct.AskAsync(environment, DocumentBuilder.Build);
    Console.SetOut(output);
    if (!File.Exists(file) || await File.ReadAllTextAsync(file) != document)
    {
        await File.WriteAllTextAsync(file, document);
        Console.WriteLine($"Wrote {file}");
    }

    return 0;
}
catch (GapsException gaps)
{
    Console.Error.WriteLine(gaps.Message);
    return 1;
}
