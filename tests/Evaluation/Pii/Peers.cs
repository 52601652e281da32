using System.Diagnostics;
using System.Text.Json.Nodes;

namespace LexCustis.Evaluation.Pii;

/// <summary>Runs the npm peers on the same texts and scores them by the types that both sides know, leniently for the peers.</summary>
internal static class Peers
{
    // Our type and what the peers call it. A peer's finding counts when it covers half of the value.
    private static readonly (string Ours, string[] OpenRedaction, string[] RedactPii)[] Shared =
    [
        ("email", ["EMAIL"], ["EMAIL"]),
        ("phone", ["PHONE", "PHONE_US", "PHONE_UK", "PHONE_UK_MOBILE", "PHONE_INTERNATIONAL", "PHONE_LINE_NUMBER"], ["PHONE"]),
        ("payment_card", ["CREDIT_CARD", "DEBIT_CARD"], ["CREDIT_CARD"]),
        ("iban", ["IBAN", "UK_BANK_ACCOUNT_IBAN"], []),
        ("bic", ["SWIFT_BIC"], []),
        ("ip_address", ["IPV4", "IPV6"], []),
        ("mac_address", ["MAC_ADDRESS"], []),
        ("url_credentials", ["URL_WITH_AUTH"], []),
        ("api_key", ["GENERIC_API_KEY", "GITHUB_TOKEN", "AWS_ACCESS_KEY", "OPENAI_API_KEY", "STRIPE_API_KEY", "SLACK_TOKEN", "GOOGLE_API_KEY", "GENERIC_SECRET", "OAUTH_TOKEN", "FIREBASE_API_KEY"], []),
        ("jwt", ["JWT_TOKEN", "BEARER_TOKEN", "OAUTH_TOKEN"], []),
        ("vat", ["VAT_NUMBER", "UST_ID"], []),
        ("fr_nir", ["FRENCH_SOCIAL_SECURITY"], []),
        ("de_tax_id", ["GERMAN_TAX_ID"], []),
        ("es_dni", ["SPANISH_DNI"], []),
        ("es_nie", ["SPANISH_NIE"], []),
        ("it_codice_fiscale", ["ITALIAN_FISCAL_CODE"], []),
        ("pl_pesel", ["POLISH_PESEL"], []),
        ("nl_bsn", ["DUTCH_BSN"], []),
        ("be_national_number", ["BELGIAN_NATIONAL_NUMBER"], []),
        ("pt_nif", ["PORTUGUESE_NIF"], []),
        ("se_personnummer", ["SWEDISH_PERSONAL_NUMBER", "SWEDISH_PERSONNUMMER"], []),
        ("fi_hetu", ["FINNISH_HETU", "FINNISH_PERSONAL_ID"], []),
        ("dk_cpr", ["DANISH_CPR"], []),
        ("ro_cnp", ["ROMANIAN_CNP"], []),
        ("bg_egn", ["BULGARIAN_EGN"], []),
        ("ie_pps", ["IRISH_PPS"], []),
        ("cz_sk_birth_number", ["CZECH_BIRTH_NUMBER", "CZECH_RODNE_CISLO"], []),
        ("hu_tax_id", ["HUNGARIAN_TAX_ID"], []),
        ("hu_personal_id", ["HUNGARIAN_PERSONAL_ID"], []),
        ("gr_amka", ["GREEK_AMKA"], []),
        ("ch_ahv", ["SWISS_AHV"], []),
        ("gb_nhs", ["NHS_NUMBER"], []),
        ("gb_nino", ["NATIONAL_INSURANCE_UK"], []),
        ("passport", ["PASSPORT_UK", "PASSPORT_US", "PASSPORT", "TRAVEL_DOCUMENT_NUMBER"], []),
        ("driving_licence", ["DRIVING_LICENSE_UK", "DRIVING_LICENSE_US"], []),
        ("date_of_birth", ["DATE_OF_BIRTH", "DATE"], []),
        ("postal_address", ["ADDRESS_STREET", "ADDRESS_PO_BOX", "ADDRESS"], []),
    ];

    public static void Compare(string folder, Sample[] samples, Truth[][] ours)
    {
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Print.Line("peers: not installed (npm ci in tests/Evaluation/peers), comparison left out");
            return;
        }

        var found = RunNode(folder, samples);
        Compare("openredaction", samples, ours, found["openredaction"], s => s.OpenRedaction);
        Compare("redactpii", samples, ours, found["redactpii"], s => s.RedactPii);
    }

    private static void Compare(string peer, Sample[] samples, Truth[][] ours, Truth[][] theirs, Func<(string Ours, string[] OpenRedaction, string[] RedactPii), string[]> names)
    {
        int shared = 0, ahead = 0;
        Tally mine = new(), its = new();
        foreach (var type in Shared.Where(s => names(s).Length > 0))
        {
            var our = PiiEvaluation.Count(samples, ours, type.Ours, [type.Ours]);
            var their = PiiEvaluation.Count(samples, theirs, type.Ours, names(type), exact: false);
            shared++;
            ahead += our.F1 > their.F1 ? 1 : 0;
            mine.Add(our);
            its.Add(their);
            Print.Line($"peer {peer,-14} {type.Ours,-20} f1 {their.F1:F4} (recall {their.Recall:F4}, precision {their.Precision:F4}); ours {our.F1:F4}");
        }

        Print.Eval($"pii_f1_shared_{peer}", its.F1);
        Print.Eval($"pii_f1_shared_with_{peer}_ours", mine.F1);
        Print.Eval($"pii_shared_types_{peer}", shared);
        Print.Eval($"pii_ahead_of_{peer}", ahead);
    }

    private static Dictionary<string, Truth[][]> RunNode(string folder, Sample[] samples)
    {
        using var process = Process.Start(new ProcessStartInfo("node", ["run.mjs"])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("node does not start.");
        var input = new JsonArray([.. samples.Select(s => (JsonNode?)JsonValue.Create(s.Text))]).ToJsonString();
        var writing = Task.Run(() =>
        {
            using var pipe = process.StandardInput;
            pipe.Write(input);
        });
        var answer = JsonNode.Parse(process.StandardOutput.ReadToEnd())!.AsObject();
        writing.Wait();
        process.WaitForExit();
        return answer.ToDictionary(p => p.Key, p => p.Value!.AsArray().Select(list => list!.AsArray()
            .Select(f => new Truth((string)f![0]!, (int)f[1]!, (int)f[2]!)).ToArray()).ToArray(), StringComparer.Ordinal);
    }
}
