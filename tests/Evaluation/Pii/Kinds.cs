namespace LexCustis.Evaluation.Pii;

/// <summary>A kind of personal data: how to make one, in which groups people write it, and what stands beside it.</summary>
/// <param name="Forms">Group sizes with their separators, as "2 4 4" or "6-4"; empty for as it is made.</param>
/// <param name="Labels">Beside the number; an empty label leaves it alone in the sentence.</param>
/// <param name="Digits">True for numbers with a check digit, whose digits may be obscured and missed by one.</param>
internal sealed record Kind(string Type, Func<Draw, string> Make, string[] Forms, string[] Labels, bool Digits = true)
{
    private const string Hex = "0123456789abcdef";
    private const string Base62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static readonly Kind[] All =
    [
        new("iban", NumberMaker.Iban, ["", "4 4 4 4 4 4 4 4 4", "4-4-4-4-4-4-4-4-4"], ["IBAN", "IBAN", "account", ""]),
        new("payment_card", NumberMaker.Card, ["", "4 4 4 4", "4-4-4-4", "4.4.4.4"], ["card number", "carte bancaire", "Kreditkarte", "tarjeta", "karta kredytowa", "Visa"]),
        new("fr_nir", NumberMaker.FrNir, ["", "1 2 2 2 3 3 2", "13 2"], ["NIR", "numéro de sécurité sociale", "n° sécu", ""]),
        new("de_tax_id", NumberMaker.DeTaxId, ["", "2 3 3 3"], ["Steuer-ID", "Steueridentifikationsnummer", "IdNr.", "tax ID"]),
        new("de_social_insurance", NumberMaker.DeSocial, ["", "2 6 1 3"], ["Sozialversicherungsnummer", "Rentenversicherungsnummer", "SV-Nummer", ""]),
        new("es_dni", NumberMaker.EsDni, ["", "8-1"], ["DNI", "NIF", ""]),
        new("es_nie", NumberMaker.EsNie, ["", "1-7-1"], ["NIE", "NIE", ""]),
        new("it_codice_fiscale", NumberMaker.ItCodiceFiscale, ["", "3 3 5 5"], ["codice fiscale", "C.F.", "cod. fisc.", ""]),
        new("it_partita_iva", NumberMaker.ItPartitaIva, [""], ["partita IVA", "P. IVA", "P.IVA"]),
        new("pl_pesel", NumberMaker.PlPesel, [""], ["PESEL", "numer PESEL", ""]),
        new("pl_nip", NumberMaker.PlNip, ["", "3-3-2-2", "3-2-2-3"], ["NIP", "numer NIP"]),
        new("nl_bsn", NumberMaker.NlBsn, ["", "3 3 3", "4.2.3"], ["BSN", "burgerservicenummer"]),
        new("be_national_number", NumberMaker.BeNational, ["", "2.2.2-3.2"], ["rijksregisternummer", "numéro national", "NISS", ""]),
        new("pt_nif", NumberMaker.PtNif, ["", "3 3 3"], ["NIF", "contribuinte", "número de contribuinte"]),
        new("se_personnummer", NumberMaker.SePersonnummer, ["-4"], ["personnummer", "personnr", ""]),
        new("fi_hetu", NumberMaker.FiHetu, [""], ["henkilötunnus", "hetu", ""]),
        new("dk_cpr", NumberMaker.DkCpr, ["6-4", ""], ["CPR", "CPR-nummer", "CPR-nr."]),
        new("at_svnr", NumberMaker.AtSvnr, ["", "4 6"], ["SVNR", "SV-Nr.", "Sozialversicherungsnummer"]),
        new("ie_pps", NumberMaker.IePps, [""], ["PPS number", "PPSN", "PPS No", ""]),
        new("ro_cnp", NumberMaker.RoCnp, [""], ["CNP", "cod numeric personal", ""]),
        new("bg_egn", NumberMaker.BgEgn, [""], ["ЕГН", "EGN"]),
        new("cz_sk_birth_number", NumberMaker.CzSkBirth, ["6/4", ""], ["rodné číslo", "RČ", "r.č."]),
        new("hu_taj", NumberMaker.HuTaj, ["", "3 3 3", "3-3-3"], ["TAJ szám", "TAJ", "TAJ-szám"]),
        new("hu_tax_id", NumberMaker.HuTax, [""], ["adóazonosító jel", "adóazonosító"]),
        new("hu_personal_id", NumberMaker.HuPersonal, ["1-6-4", "1 6 4"], ["személyi azonosító", "személyi szám"]),
        new("hr_oib", NumberMaker.HrOib, [""], ["OIB", "osobni identifikacijski broj"]),
        new("si_emso", NumberMaker.SiEmso, [""], ["EMŠO", ""]),
        new("ee_isikukood", NumberMaker.Baltic, [""], ["isikukood", "isikukoodi"]),
        new("lt_asmens_kodas", NumberMaker.Baltic, [""], ["asmens kodas", "asmens kodą"]),
        new("lv_personas_kods", NumberMaker.LvPersonas, ["6-5", ""], ["personas kods", "personas kodu"]),
        new("lu_matricule", NumberMaker.LuMatricule, ["", "4 2 2 5"], ["matricule", "numéro de matricule", ""]),
        new("gr_amka", NumberMaker.GrAmka, [""], ["ΑΜΚΑ", "AMKA"]),
        new("gr_afm", NumberMaker.GrAfm, [""], ["ΑΦΜ", "AFM"]),
        new("mt_id_card", NumberMaker.MtId, [""], ["karta tal-identità", "ID card number"], false),
        new("cy_tic", NumberMaker.CyTic, [""], ["TIC", "αριθμός φορολογικής ταυτότητας"]),
        new("gb_nino", NumberMaker.GbNino, ["", "2 2 2 2 1"], ["National Insurance number", "NI number", "NINO", ""], false),
        new("gb_nhs", NumberMaker.GbNhs, ["3 3 4", "", "3-3-4"], ["NHS number", "NHS No"]),
        new("ch_ahv", NumberMaker.ChAhv, ["3.4.4.2", "3 4 4 2", ""], ["AHV-Nummer", "numéro AVS", ""]),
        new("vat", NumberMaker.Vat, [""], ["VAT", "USt-IdNr.", "TVA", "BTW", "VAT number", ""]),
        new("email", Mail, [], ["e-mail", "Mail", ""], false),
        new("phone", Phone, [], ["phone", "Tel.", "téléphone", "Telefon", "mobil", "τηλ.", "тел.", ""], false),
        new("phone", NationalPhone, [], ["phone", "Tel.", "téléphone", "Telefon", "teléfono", "telefono", "puh.", "τηλ."], false),
        new("bic", Bic, [], ["BIC", "SWIFT", "BIC/SWIFT"], false),
        new("ip_address", d => d.Chance(0.6) ? string.Join('.', Enumerable.Range(0, 4).Select(_ => d.Between(1, 254))) : string.Join(':', Enumerable.Range(0, 8).Select(_ => d.From(Hex, 3).TrimStart('0') is { Length: > 0 } g ? g : "1")), [], ["IP", "server", ""], false),
        new("mac_address", Mac, [], ["MAC", "device", ""], false),
        new("mac_address", LabelledMac, [], ["MAC", "MAC address", "adresse MAC", "MAC-Adresse", "indirizzo MAC", "BSSID"], false),
        new("url_credentials", d => $"{d.Of(["https", "postgres", "ftp", "redis"])}://{d.From("abcdefgh", 5)}:{d.From(Base62, 10)}@{d.From("abcdefgh", 6)}.net", [], ["URL", "DSN", ""], false),
        new("api_key", ApiKey, [], ["API key", "token", "secret", ""], false),
        new("jwt", d => $"eyJhbGciOiJIUzI1NiJ9.eyJ{d.From(Base62, 40)}.{d.From(Base62, 43)}", [], ["token", "Bearer", ""], false),
        new("date_of_birth", Birth, [], ["date of birth", "born", "né le", "née le", "geboren am", "Geburtsdatum", "fecha de nacimiento", "data di nascita", "data urodzenia", "geboortedatum", "födelsedatum", "syntymäaika", "data de nascimento", "data nașterii", "datum rođenja", "дата на раждане", "ημερομηνία γέννησης", "születési dátum", "datum narození", "sünniaeg", "dzimšanas datums", "gimimo data"], false),
        new("passport", d => d.Chance(0.5) ? d.From("CFGHJKLMNPRTVWXYZ", 1) + d.From("0123456789", 8) : d.Letters(2) + d.Digits(7), [], ["passport", "passeport", "Reisepass", "pasaporte", "passaporto", "paszport", "paspoort", "pass nr", "passi numero", "útlevél", "pașaport", "паспорт", "διαβατήριο", "putovnica", "potni list"], false),
        new("driving_licence", d => d.Chance(0.5) ? d.Letters(1) + d.Digits(9) : d.Letters(2) + d.Digits(7) + d.Letters(1), [], ["driving licence", "permis de conduire", "Führerschein", "permiso de conducir", "patente di guida", "prawo jazdy", "rijbewijs", "körkort", "kørekort", "ajokortti", "carta de condução", "řidičský průkaz", "vozačka dozvola", "vozniško dovoljenje"], false),
        new("postal_address", Address, [], ["address", ""], false),
    ];

    // Every seventh in the groups that bank forms print.
    private static string Bic(Draw draw)
    {
        var (bank, country, place, branch) = (draw.Letters(4), draw.Of(["DE", "FR", "NL", "IT", "ES", "AT", "BE", "PL"]), draw.From("ABCDEFGHIJKLMNOP23456789", 2), draw.Of(["", "XXX", "600"]));
        return draw.Below(7) > 0 ? bank + country + place + branch : $"{bank} {country} {place} {branch}".TrimEnd();
    }

    // IEEE 802 writes pairs, network equipment also fours parted by dots.
    private static string Mac(Draw draw) => draw.Below(5) > 0
        ? string.Join(draw.Chance(0.5) ? ":" : "-", Enumerable.Range(0, 6).Select(_ => draw.From(Hex, 2)))
        : string.Join('.', Enumerable.Range(0, 3).Select(_ => draw.From(Hex, 4)));

    // Half of them as inventories and DHCP tables hold it, known by its label alone.
    private static string LabelledMac(Draw draw) => draw.Below(8) switch
    {
        0 => draw.From(Hex, 12).ToUpperInvariant(),
        1 => draw.From(Hex, 12),
        2 => $"{draw.From(Hex, 6)}-{draw.From(Hex, 6)}",
        3 => string.Join(' ', Enumerable.Range(0, 6).Select(_ => draw.From(Hex, 2))).ToUpperInvariant(),
        _ => Mac(draw),
    };

    private static string Mail(Draw draw) =>
        $"{draw.Of(["anna", "j.novak", "maria-luisa", "k_virtanen", "tomas.b", "info+reply", "o.dubois2"])}{draw.Between(1, 99)}@{draw.Of(["kontor", "mail", "acme-werke", "sub.firma", "posta"])}.{draw.Of(["eu", "de", "fr", "com", "pl", "co.uk", "museum"])}";

    private static string Phone(Draw draw)
    {
        var (code, length) = draw.Of<(string, int)>([("49", 10), ("33", 9), ("34", 9), ("39", 10), ("48", 9), ("31", 9), ("32", 9), ("46", 9), ("45", 8), ("358", 9), ("420", 9), ("421", 9), ("36", 9), ("351", 9), ("40", 9), ("385", 9), ("386", 8), ("359", 9), ("30", 10), ("372", 8), ("371", 8), ("370", 8), ("353", 9), ("356", 8), ("357", 8), ("352", 9), ("43", 10), ("44", 10), ("41", 9)]);
        var national = draw.NonZero(length);
        return draw.Below(4) switch
        {
            0 => $"+{code}{national}",
            1 => $"+{code} {national[..2]} {national[2..5]} {national[5..]}",
            2 => $"00{code} {national[..3]} {national[3..]}",
            _ => $"+{code} (0) {national[..2]}-{national[2..]}" is var trunk && code is "39" or "34" or "45" ? $"+{code} {national}" : trunk,
        };
    }

    private static string NationalPhone(Draw draw) => draw.Below(9) switch
    {
        0 => $"0{draw.Between(1, 9)} {draw.Digits(2)} {draw.Digits(2)} {draw.Digits(2)} {draw.Digits(2)}",
        1 => $"0{draw.Between(151, 179)} {draw.NonZero(7)}",
        2 => $"020 {draw.NonZero(4)} {draw.Digits(4)}",
        3 => $"6{draw.Digits(2)} {draw.Digits(3)} {draw.Digits(3)}",
        4 => $"3{draw.Digits(2)} {draw.Digits(7)}",
        5 => $"{draw.NonZero(3)} {draw.Digits(3)} {draw.Digits(3)}",
        6 => $"06-{draw.NonZero(8)}",
        7 => $"070-{draw.NonZero(3)} {draw.Digits(2)} {draw.Digits(2)}",
        _ => $"{draw.Between(20, 99)} {draw.Digits(2)} {draw.Digits(2)} {draw.Digits(2)}",
    };

    private static string ApiKey(Draw draw) => draw.Below(8) switch
    {
        0 => "ghp_" + draw.From(Base62, 36),
        1 => "AKIA" + draw.From("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
        2 => "sk-" + draw.From(Base62, 48),
        3 => "glpat-" + draw.From(Base62, 20),
        4 => "xoxb-" + draw.Digits(12) + "-" + draw.From(Base62, 24),
        5 => "AIza" + draw.From(Base62, 35),
        6 => "sk_live_" + draw.From(Base62, 24),
        _ => "hf_" + draw.From(Base62, 34),
    };

    private static string Birth(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        return draw.Below(4) switch { 0 => $"{d:00}.{m:00}.{y}", 1 => $"{d:00}/{m:00}/{y}", 2 => $"{y}-{m:00}-{d:00}", _ => $"{d}.{m}.{y}" };
    }

    private static string Address(Draw draw) => draw.Below(7) switch
    {
        0 => $"{draw.Between(1, 200)} {draw.Of(["Baker", "Station", "Church", "Mill"])} {draw.Of(["Street", "Road", "Lane", "Avenue"])}",
        1 => $"{draw.Between(1, 200)} rue {draw.Of(["Voltaire", "de la République", "Pasteur", "des Lilas"])}, {draw.NonZero(5)} {draw.Of(["Lyon", "Lille", "Nantes"])}",
        2 => $"{draw.Of(["Linden", "Haupt", "Garten", "Schiller"])}{draw.Of(["straße", "weg", "platz", "allee"])} {draw.Between(1, 200)}, {draw.NonZero(5)} {draw.Of(["Bremen", "Köln", "Leipzig"])}",
        3 => $"Calle {draw.Of(["Mayor", "de Alcalá", "San Juan"])} {draw.Between(1, 200)}, {draw.NonZero(5)} {draw.Of(["Madrid", "Sevilla"])}",
        4 => $"Via {draw.Of(["Garibaldi", "Roma", "della Pace"])} {draw.Between(1, 200)}, {draw.NonZero(5)} {draw.Of(["Milano", "Torino"])}",
        5 => $"{draw.Of(["Dorps", "Kerk", "School"])}straat {draw.Between(1, 200)}, {draw.NonZero(4)} {draw.Letters(2)} {draw.Of(["Utrecht", "Delft"])}",
        _ => $"ul. {draw.Of(["Polna", "Leśna", "Mickiewicza"])} {draw.Between(1, 200)}, {draw.Digits(2)}-{draw.Digits(3)} {draw.Of(["Kraków", "Gdynia"])}",
    };
}
