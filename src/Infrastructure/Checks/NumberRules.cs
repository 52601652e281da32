using System.Collections.Frozen;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// The numbers that are told by structure and check digit. A rule whose check lets one random number in ten through needs its
/// label in the text; one with a date, letters or a stronger check is also believed in its customary groups without a label.
/// </summary>
internal static class NumberRules
{
    private static readonly NumberRule[] Rules =
    [
        new("ch_ahv", "CH", 13, 13, NationalNumbers.Switzerland, ["13", "3-4-4-2"], PersonalWord.SwissSocial, PersonalWord.SocialInsurance),
        new("lu_matricule", "LU", 13, 13, NationalNumbers.Luxembourg, ["13", "8-3-2", "4-4-3-2", "4-2-2-3-2", "4-2-2-5"], PersonalWord.Luxembourg, PersonalWord.SocialInsurance, PersonalWord.Belgium),
        new("ro_cnp", "RO", 13, 13, NationalNumbers.Romania, ["13", "1-6-6", "1-2-2-2-2-3-1"], PersonalWord.Romania),
        new("si_emso", "SI", 13, 13, NationalNumbers.Slovenia, ["13", "7-2-3-1", "2-2-3-2-3-1"], PersonalWord.Slovenia),
        new("fr_nir", "FR", 15, 15, NationalNumbers.France, ["15", "13-2", "1-2-2-2-3-3-2"], PersonalWord.France, PersonalWord.SocialInsurance),
        new("it_codice_fiscale", "IT", 16, 16, NationalNumbers.Italy, ["16", "3-3-5-5", "6-2-3-5", "6-5-5"], PersonalWord.Italy),
        new("de_social_insurance", "DE", 12, 12, NationalNumbers.GermanyInsurance, ["12", "2-6-1-3", "2-6-4", "2-6-1-2-1", "8-4"], PersonalWord.GermanSocial, PersonalWord.AustriaSocial, PersonalWord.SocialInsurance),
        new("be_national_number", "BE", 11, 11, NationalNumbers.Belgium, ["11", "6-3-2", "2-2-2-3-2", "6-5"], PersonalWord.Belgium),
        new("fi_hetu", "FI", 10, 11, NationalNumbers.Finland, ["11", "6-4"], PersonalWord.Finland),
        new("de_tax_id", "DE", 11, 11, NationalNumbers.GermanyTax, ["11", "2-3-3-3"], PersonalWord.GermanTax),
        new("gr_amka", "GR", 11, 11, NationalNumbers.Greece, ["11", "6-5"], PersonalWord.Greece),
        new("lv_personas_kods", "LV", 11, 11, NationalNumbers.Latvia, ["6-5"], PersonalWord.Latvia),
        new("ee_isikukood", "EE", 11, 11, NationalNumbers.EstoniaLithuania, [], PersonalWord.Estonia),
        new("lt_asmens_kodas", "LT", 11, 11, NationalNumbers.EstoniaLithuania, [], PersonalWord.Lithuania),
        new("ee_lt_personal_code", null, 11, 11, NationalNumbers.EstoniaLithuania, ["11"]),
        new("pl_pesel", "PL", 11, 11, NationalNumbers.Poland, ["11", "6-5"], PersonalWord.Poland),
        new("hu_personal_id", "HU", 11, 11, NationalNumbers.HungaryPerson, ["1-6-4"], PersonalWord.HungaryPerson),
        new("hr_oib", "HR", 11, 11, NationalNumbers.Croatia, [], PersonalWord.Croatia),
        new("it_partita_iva", "IT", 11, 11, VatNumbers.ItalyCompany, [], PersonalWord.ItalyCompany, PersonalWord.Italy),
        new("es_dni", "ES", 9, 9, IsDni, ["9", "8-1", "2-3-3-1"], PersonalWord.Spain, PersonalWord.Nif),
        new("es_nie", "ES", 9, 9, IsNie, ["9", "1-7-1", "8-1"], PersonalWord.Spain, PersonalWord.Nif),
        new("se_personnummer", "SE", 10, 12, NationalNumbers.Sweden, ["6-4", "8-4"], PersonalWord.Sweden),
        new("cz_sk_birth_number", null, 10, 10, NationalNumbers.CzechSlovak, [], PersonalWord.CzechSlovak) { SlashForm = true },
        new("dk_cpr", "DK", 10, 10, NationalNumbers.Denmark, ["6-4"], PersonalWord.Denmark),
        new("at_svnr", "AT", 10, 10, NationalNumbers.Austria, ["4-6"], PersonalWord.AustriaSocial, PersonalWord.SocialInsurance),
        new("bg_egn", "BG", 10, 10, NationalNumbers.Bulgaria, [], PersonalWord.Bulgaria),
        new("hu_tax_id", "HU", 10, 10, NationalNumbers.HungaryTax, [], PersonalWord.HungaryTax),
        new("pl_nip", "PL", 10, 10, NationalNumbers.PolandTax, [], PersonalWord.PolandTax),
        new("gb_nhs", "GB", 10, 10, NationalNumbers.BritainHealth, [], PersonalWord.BritainHealth),
        new("gb_nino", "GB", 9, 9, NationalNumbers.BritainInsurance, ["9", "2-2-2-2-1", "2-6-1"], PersonalWord.BritainInsurance) { HasCheck = false },
        new("ie_pps", "IE", 8, 9, NationalNumbers.Ireland, ["8", "9", "7-1", "7-2"], PersonalWord.Ireland),
        new("nl_bsn", "NL", 9, 9, NationalNumbers.Netherlands, [], PersonalWord.Netherlands),
        new("pt_nif", "PT", 9, 9, NationalNumbers.Portugal, [], PersonalWord.Portugal, PersonalWord.Nif),
        new("gr_afm", "GR", 9, 9, VatNumbers.GreeceTax, [], PersonalWord.GreekTax),
        new("hu_taj", "HU", 9, 9, NationalNumbers.HungaryHealth, [], PersonalWord.HungaryHealth),
        new("cy_tic", "CY", 9, 9, VatNumbers.Cyprus, [], PersonalWord.Cyprus),
        new("mt_id_card", "MT", 8, 8, NationalNumbers.Malta, [], PersonalWord.Malta) { HasCheck = false },
    ];

    private static readonly NumberRule[][] ByLength = [.. Enumerable.Range(0, 17).Select(n => Rules.Where(r => n >= r.Shortest && n <= r.Longest).ToArray())];

    private static readonly FrozenSet<PersonalWord> Labels = Rules.SelectMany(r => r.Labels).ToFrozenSet();

    /// <summary>True when the word names numbers of this table, so that a number behind it is one of those or nothing.</summary>
    public static bool IsLabel(PersonalWord word) => Labels.Contains(word);

    /// <summary>
    /// The rule that a canonical number follows. <paramref name="form"/> is the sizes of its groups as <see cref="Form"/> packs them,
    /// <paramref name="slash"/> whether a slash parts them.
    /// </summary>
    public static NumberRule? Match(ReadOnlySpan<char> canonical, ulong form, bool slash, PersonalWord label, bool trusted)
    {
        if (canonical.Length >= ByLength.Length)
            return null;
        // What the text calls it goes before what it could be as well.
        foreach (var rule in ByLength[canonical.Length])
        {
            if (rule.Labels.Contains(label) && rule.IsValid(canonical))
                return rule;
        }

        foreach (var rule in ByLength[canonical.Length])
        {
            var allowed = (label == PersonalWord.AnyNumber && (rule.Forms.Length > 0 || rule.SlashForm))
                || (trusted && (rule.Forms.Contains(form) || (rule.SlashForm && slash && form == 0x64)));
            if (allowed && rule.IsValid(canonical))
                return rule;
        }

        return null;
    }

    /// <summary>Group sizes as nibbles, "6-4" as 0x64; sizes are below 17 and 16 is written as 0, which no group has.</summary>
    public static ulong Form(string sizes)
    {
        ulong form = 0;
        foreach (var size in sizes.Split('-'))
            form = Append(form, int.Parse(size));
        return form;
    }

    public static ulong Append(ulong form, int size) => (form << 4) | (uint)(size & 15);

    private static bool IsDni(ReadOnlySpan<char> s) => char.IsAsciiDigit(s[0]) && NationalNumbers.Spain(s);

    private static bool IsNie(ReadOnlySpan<char> s) => !char.IsAsciiDigit(s[0]) && NationalNumbers.Spain(s);
}

/// <summary>One kind of number: how long, how checked, in which groups it is believed without a label, which labels name it.</summary>
internal sealed class NumberRule(
    string type, string? country, int shortest, int longest, NumberCheck check, string[] forms, params PersonalWord[] labels)
{
    public string Type { get; } = type;

    public string? Country { get; } = country;

    public int Shortest { get; } = shortest;

    public int Longest { get; } = longest;

    public ulong[] Forms { get; } = [.. forms.Select(NumberRules.Form)];

    public PersonalWord[] Labels { get; } = labels;

    /// <summary>False for the few that have a structure only; their findings say so.</summary>
    public bool HasCheck { get; init; } = true;

    /// <summary>Believed without a label in the form 6/4, where a dash would leave other readings open.</summary>
    public bool SlashForm { get; init; }

    public bool IsValid(ReadOnlySpan<char> canonical) => check(canonical);
}

internal delegate bool NumberCheck(ReadOnlySpan<char> canonical);
