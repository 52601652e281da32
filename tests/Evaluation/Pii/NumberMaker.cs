using System.Numerics;

namespace LexCustis.Evaluation.Pii;

/// <summary>
/// Makes numbers with right check digits. Written from the rules again, computing where the product verifies, and calls nothing of
/// the product: what both get wrong in the same way would have to be misread twice.
/// </summary>
internal static class NumberMaker
{
    private static int[] D(string s) => [.. s.Select(c => c - '0')];

    private static int Dot(string s, params int[] weights) => D(s)[..weights.Length].Zip(weights, (d, w) => d * w).Sum();

    private static string Two(int n) => (n % 100).ToString("00");

    private static string Repeat(Func<string?> attempt)
    {
        while (true)
        {
            if (attempt() is { } made)
                return made;
        }
    }

    private static int LuhnDigit(string body)
    {
        var sum = Enumerable.Reverse(D(body)).Select((d, i) => i % 2 == 0 ? (d * 2 / 10) + (d * 2 % 10) : d).Sum();
        return (10 - (sum % 10)) % 10;
    }

    private static string WithLuhn(string body) => body + LuhnDigit(body);

    private static string WithIso11(string body)
    {
        var p = 10;
        foreach (var d in D(body))
        {
            var s = (d + p) % 10;
            p = 2 * (s == 0 ? 10 : s) % 11;
        }

        return body + ((11 - p) % 10);
    }

    private static BigInteger Big(string alphanumeric) => BigInteger.Parse(string.Concat(alphanumeric.Select(c => char.IsDigit(c) ? c.ToString() : (c - 'A' + 10).ToString())));

    // Account structures by country: n digits, a letters, c either.
    private static readonly string[] IbanStructures =
    [
        "AD8n12c", "AT16n", "BE12n", "BG4a6n8c", "CH5n12c", "CY8n16c", "CZ20n", "DE18n", "DK14n", "EE16n", "ES20n", "FI14n", "FR10n11c2n", "GB4a14n", "GR7n16c",
        "HR17n", "HU24n", "IE4a14n", "IS22n", "IT1a10n12c", "LI5n12c", "LT16n", "LU3n13c", "LV4a13c", "MC10n11c2n", "MT4a5n18c", "NL4a10n", "NO11n", "PL24n",
        "PT21n", "RO4a16c", "SE20n", "SI15n", "SK20n", "SM1a10n12c", "TR5n17c", "UA6n19c", "AE19n", "SA2n18c", "IL19n",
    ];

    public static string Iban(Draw draw)
    {
        var structure = draw.Of(IbanStructures);
        var country = structure[..2];
        var account = "";
        var count = 0;
        foreach (var c in structure[2..])
        {
            if (char.IsDigit(c))
            {
                count = (count * 10) + c - '0';
                continue;
            }

            account += c switch { 'n' => draw.Digits(count), 'a' => draw.Letters(count), _ => draw.From("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", count) };
            count = 0;
        }

        var check = 98 - (int)(Big(account + country + "00") % 97);
        return country + check.ToString("00") + account;
    }

    public static string Card(Draw draw)
    {
        var (head, length) = draw.Of<(string, int)>([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("65", 16), ("3530", 16), ("36", 14), ("62", 16), ("4", 16), ("53", 16)]);
        return WithLuhn(head + draw.Digits(length - 1 - head.Length));
    }

    public static string FrNir(Draw draw)
    {
        var (y, m, _) = draw.Birth();
        var department = draw.Chance(0.05) ? draw.Of(["2A", "2B"]) : draw.Between(1, 95).ToString("00");
        var body = draw.Of(["1", "2"]) + Two(y) + Two(m) + department + draw.Digits(3) + draw.Between(1, 999).ToString("000");
        var number = long.Parse(body.Replace("2A", "19").Replace("2B", "18"));
        return department[0] == '2' && department.Length == 2 && !char.IsDigit(department[1])
            ? body + (97 - (number % 97)).ToString("00") : body + (97 - (long.Parse(body) % 97)).ToString("00");
    }

    public static string DeTaxId(Draw draw) => Repeat(() =>
    {
        // Ten places: one digit twice, eight others once.
        var digits = Enumerable.Range(0, 10).OrderBy(_ => draw.Below(1 << 20)).ToList();
        digits[9] = digits[draw.Below(9)];
        var shuffled = string.Concat(digits.OrderBy(_ => draw.Below(1 << 20)));
        return shuffled[0] == '0' ? null : WithIso11(shuffled);
    });

    public static string DeSocial(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var letter = draw.Letters(1)[0];
        var head = draw.Of(["12", "15", "38", "50", "65", "53"]) + Two(d) + Two(m) + Two(y);
        var serial = draw.Digits(2);
        int[] factors = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
        var sum = D(head + (letter - 'A' + 1).ToString("00") + serial).Zip(factors, (a, b) => a * b).Sum(p => (p / 10) + (p % 10));
        return head + letter + serial + (sum % 10);
    }

    private static char DniLetter(int number) => "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23];

    public static string EsDni(Draw draw)
    {
        var n = draw.Between(10_000_000, 99_999_999);
        return $"{n}{DniLetter(n)}";
    }

    public static string EsNie(Draw draw)
    {
        var prefix = draw.Below(3);
        var n = draw.Between(0, 9_999_999);
        return $"{"XYZ"[prefix]}{n:0000000}{DniLetter((prefix * 10_000_000) + n)}";
    }

    public static string ItCodiceFiscale(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = draw.From("BCDFGLMNPRSTVZ", 6) + Two(y) + "ABCDEHLMPRST"[m - 1] + (d + (draw.Chance(0.5) ? 40 : 0)).ToString("00") + draw.From("ABCDEFGHIL", 1) + draw.NonZero(3);
        const string OddOrder = "BAKPLCQDREVOSFTGUHMINJWZYX";
        var sum = 0;
        for (var i = 0; i < 15; i++)
        {
            var letter = char.IsDigit(body[i]) ? (char)('A' + body[i] - '0') : body[i];
            // The published odd table read the other way round: position in OddOrder is the value.
            sum += i % 2 == 0 ? OddOrder.IndexOf(letter) : char.IsDigit(body[i]) ? body[i] - '0' : body[i] - 'A';
        }

        return body + (char)('A' + (sum % 26));
    }

    public static string ItPartitaIva(Draw draw) => WithLuhn(draw.NonZero(7) + draw.Between(1, 100).ToString("000"));

    public static string PlPesel(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = Two(y) + (m + (y >= 2000 ? 20 : 0)).ToString("00") + Two(d) + draw.Digits(4);
        return body + ((10 - (Dot(body, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3) % 10)) % 10);
    }

    public static string PlNip(Draw draw) => Repeat(() =>
    {
        var body = draw.NonZero(9);
        var check = Dot(body, 6, 5, 7, 2, 3, 4, 5, 6, 7) % 11;
        return check == 10 ? null : body + check;
    });

    public static string NlBsn(Draw draw) => Repeat(() =>
    {
        var body = draw.NonZero(8);
        var check = Dot(body, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
        return check == 10 ? null : body + check;
    });

    public static string BeNational(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = Two(y) + Two(m) + Two(d) + draw.Between(1, 997).ToString("000");
        return body + (97 - (long.Parse((y >= 2000 ? "2" : "") + body) % 97)).ToString("00");
    }

    public static string PtNif(Draw draw)
    {
        var body = draw.Of(["1", "2", "3", "5", "6", "8", "9"]) + draw.Digits(7);
        var rest = Dot(body, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
        return body + (rest < 2 ? 0 : 11 - rest);
    }

    public static string SePersonnummer(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var ten = WithLuhn(Two(y) + Two(m) + Two(d) + draw.Digits(3));
        return draw.Chance(0.4) ? y.ToString()[..2] + ten : ten;
    }

    public static string FiHetu(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var head = Two(d) + Two(m) + Two(y);
        var serial = draw.Between(2, 899).ToString("000");
        return head + (y >= 2000 ? "A" : "-") + serial + "0123456789ABCDEFHJKLMNPRSTUVWXY"[(int)(long.Parse(head + serial) % 31)];
    }

    public static string DkCpr(Draw draw) => Repeat(() =>
    {
        var (y, m, d) = draw.Birth();
        var body = Two(d) + Two(m) + Two(y) + draw.Digits(3);
        var check = (11 - (Dot(body, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11)) % 11;
        return check == 10 ? null : body + check;
    });

    public static string AtSvnr(Draw draw) => Repeat(() =>
    {
        var (y, m, d) = draw.Birth();
        var serial = draw.NonZero(3);
        var date = Two(d) + Two(m) + Two(y);
        var check = (Dot(serial, 3, 7, 9) + Dot(date, 5, 8, 4, 2, 1, 6)) % 11;
        return check == 10 ? null : serial + check + date;
    });

    public static string IePps(Draw draw)
    {
        var digits = draw.Digits(7);
        var second = draw.Chance(0.3) ? draw.From("ABCDEFGHI", 1) : "";
        var sum = Dot(digits, 8, 7, 6, 5, 4, 3, 2) + (second.Length > 0 ? (second[0] - 'A' + 1) * 9 : 0);
        return digits + (sum % 23 == 0 ? 'W' : (char)('A' + (sum % 23) - 1)) + second;
    }

    public static string RoCnp(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = (y >= 2000 ? draw.Of(["5", "6"]) : draw.Of(["1", "2"])) + Two(y) + Two(m) + Two(d) + draw.Between(1, 46).ToString("00") + draw.Between(1, 999).ToString("000");
        var check = Dot(body, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11;
        return body + (check == 10 ? 1 : check);
    }

    public static string BgEgn(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = Two(y) + (m + (y >= 2000 ? 40 : 0)).ToString("00") + Two(d) + draw.Digits(3);
        return body + (Dot(body, 2, 4, 8, 5, 10, 9, 7, 3, 6) % 11 % 10);
    }

    public static string CzSkBirth(Draw draw) => Repeat(() =>
    {
        var (y, m, d) = draw.Birth(1954, 2015);
        var body = Two(y) + (m + (draw.Chance(0.5) ? 50 : 0)).ToString("00") + Two(d) + draw.Digits(3);
        var check = long.Parse(body) % 11;
        return check == 10 ? null : body + check;
    });

    public static string HuTaj(Draw draw)
    {
        var body = draw.NonZero(8);
        return body + (Dot(body, 3, 7, 3, 7, 3, 7, 3, 7) % 10);
    }

    public static string HuTax(Draw draw) => Repeat(() =>
    {
        var body = "8" + draw.Digits(8);
        var check = Dot(body, 1, 2, 3, 4, 5, 6, 7, 8, 9) % 11;
        return check == 10 ? null : body + check;
    });

    public static string HuPersonal(Draw draw) => Repeat(() =>
    {
        var (y, m, d) = draw.Birth(1930, 1996);
        var body = draw.Of(["1", "2"]) + Two(y) + Two(m) + Two(d) + draw.Digits(3);
        var check = Dot(body, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) % 11;
        return check == 10 ? null : body + check;
    });

    public static string HrOib(Draw draw) => WithIso11(draw.NonZero(10));

    public static string SiEmso(Draw draw) => Repeat(() =>
    {
        var (y, m, d) = draw.Birth();
        var body = Two(d) + Two(m) + y.ToString()[1..] + "50" + draw.Digits(3);
        var check = 11 - (Dot(body, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11);
        return check == 10 ? null : body + (check == 11 ? 0 : check);
    });

    public static string Baltic(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = (y >= 2000 ? draw.Of(["5", "6"]) : draw.Of(["3", "4"])) + Two(y) + Two(m) + Two(d) + draw.Digits(3);
        var check = Dot(body, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11;
        if (check == 10)
            check = Dot(body, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11;
        return body + (check == 10 ? 0 : check);
    }

    public static string LvPersonas(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = Two(d) + Two(m) + Two(y) + (y >= 2000 ? "2" : "1") + draw.Digits(3);
        return body + ((1101 - Dot(body, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11 % 10);
    }

    public static string LuMatricule(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        var body = y + Two(m) + Two(d) + draw.Digits(3);
        return body + LuhnDigit(body) + VerhoeffDigit(body);
    }

    private static readonly string[] VerhoeffProducts =
        ["0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"];

    private static readonly string[] VerhoeffPermutations =
        ["0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"];

    private static int VerhoeffDigit(string body)
    {
        for (var check = 0; check < 10; check++)
        {
            var state = 0;
            var all = body + check;
            for (var i = 0; i < all.Length; i++)
                state = VerhoeffProducts[state][VerhoeffPermutations[i % 8][all[^(i + 1)] - '0'] - '0'] - '0';
            if (state == 0)
                return check;
        }

        throw new InvalidOperationException("Verhoeff's table always has a digit.");
    }

    public static string GrAmka(Draw draw)
    {
        var (y, m, d) = draw.Birth();
        return WithLuhn(Two(d) + Two(m) + Two(y) + draw.Digits(4));
    }

    public static string GrAfm(Draw draw)
    {
        var body = draw.NonZero(8);
        return body + (Dot(body, 256, 128, 64, 32, 16, 8, 4, 2) % 11 % 10);
    }

    public static string MtId(Draw draw) => draw.Digits(7) + draw.From("MGAPLHBZ", 1);

    public static string CyTic(Draw draw)
    {
        int[] odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
        var body = draw.Of(["0", "3", "4", "5", "9"]) + draw.Digits(7);
        var sum = D(body).Select((d, i) => i % 2 == 0 ? odd[d] : d).Sum();
        return body + (char)('A' + (sum % 26));
    }

    public static string GbNino(Draw draw) => Repeat(() =>
    {
        var made = draw.From("ABCEGHJKLMPRSTWXYZ", 1) + draw.From("ABCEHJLMPRSWXY", 1) + draw.Digits(6) + draw.From("ABCD", 1);
        return made[..2] is "GB" or "BG" or "KN" or "NK" or "NT" or "TN" or "ZZ" ? null : made;
    });

    public static string GbNhs(Draw draw) => Repeat(() =>
    {
        var body = draw.NonZero(9);
        var check = (11 - (Dot(body, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11)) % 11;
        return check == 10 ? null : body + check;
    });

    public static string ChAhv(Draw draw)
    {
        var body = "756" + draw.Digits(9);
        return body + ((10 - (Dot(body, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3) % 10)) % 10);
    }

    public static string Vat(Draw draw)
    {
        return draw.Below(29) switch
        {
            0 => "ATU" + AtVat(draw),
            1 => Repeat(() => draw.Of(["0", "1"]) + draw.NonZero(7) is var b ? "BE" + b + (97 - (long.Parse(b) % 97)).ToString("00") : null),
            2 => "BG" + BgVat(draw),
            3 => "CY" + CyTic(draw),
            4 => "CZ" + CzVat(draw),
            5 => "DE" + WithIso11(draw.NonZero(8)),
            6 => "DK" + Mod11Zero(draw, 7, [2, 7, 6, 5, 4, 3, 2]),
            7 => draw.Digits(8) is var b ? "EE" + b + ((10 - (Dot(b, 3, 7, 1, 3, 7, 1, 3, 7) % 10)) % 10) : "",
            8 => "EL" + GrAfm(draw),
            9 => "ES" + draw.Of([EsDni(draw), EsNie(draw), EsCif(draw)]),
            10 => "FI" + Mod11Zero(draw, 7, [7, 9, 10, 5, 8, 4, 2]),
            11 => WithLuhn(draw.NonZero(8)) is var b ? "FR" + ((12 + (3 * (long.Parse(b) % 97))) % 97).ToString("00") + b : "",
            12 => "HR" + HrOib(draw),
            13 => draw.NonZero(7) is var b ? "HU" + b + ((10 - (Dot(b, 9, 7, 3, 1, 9, 7, 3) % 10)) % 10) : "",
            14 => "IE" + IePps(draw),
            15 => "IT" + ItPartitaIva(draw),
            16 => "LT" + LtVat(draw),
            17 => draw.NonZero(6) is var b ? "LU" + b + (long.Parse(b) % 89).ToString("00") : "",
            18 => "LV" + LvVat(draw),
            19 => "MT" + MtVat(draw),
            20 => "NL" + NlBsn(draw) + "B" + draw.Between(1, 99).ToString("00"),
            21 => "PL" + PlNip(draw),
            22 => "PT" + PtNif(draw),
            23 => "RO" + RoVat(draw),
            24 => "SE" + WithLuhn(draw.NonZero(9)) + "01",
            25 => "SI" + SiVat(draw),
            26 => "SK" + SkVat(draw),
            27 => "GB" + GbVat(draw),
            _ => Repeat(() => draw.Digits(8) is var b && (11 - (Dot(b, 5, 4, 3, 2, 7, 6, 5, 4) % 11)) % 11 is var c && c < 10 ? "CHE" + b + c : null),
        };
    }

    private static string AtVat(Draw draw)
    {
        var body = draw.NonZero(7);
        var sum = 4 + D(body).Select((d, i) => i % 2 == 1 ? (2 * d / 10) + (2 * d % 10) : d).Sum();
        return body + ((10 - (sum % 10)) % 10);
    }

    private static string BgVat(Draw draw)
    {
        var body = draw.NonZero(8);
        var check = Dot(body, 1, 2, 3, 4, 5, 6, 7, 8) % 11;
        if (check == 10)
            check = Dot(body, 3, 4, 5, 6, 7, 8, 9, 10) % 11 % 10;
        return body + check;
    }

    private static string CzVat(Draw draw)
    {
        var body = draw.Between(1, 8) + draw.Digits(6);
        var rest = Dot(body, 8, 7, 6, 5, 4, 3, 2) % 11;
        return body + (rest == 0 ? 1 : rest == 1 ? 0 : 11 - rest);
    }

    private static string Mod11Zero(Draw draw, int count, int[] weights) => Repeat(() =>
    {
        var body = draw.NonZero(count);
        var check = (11 - (Dot(body, weights) % 11)) % 11;
        return check == 10 ? null : body + check;
    });

    private static string EsCif(Draw draw)
    {
        var kind = draw.Of(["A", "B", "E", "H", "P", "Q", "S"]);
        var body = draw.Digits(7);
        var check = LuhnDigit(body);
        return kind + body + (kind is "P" or "Q" or "S" ? "JABCDEFGHI"[check].ToString() : check.ToString());
    }

    private static string LtVat(Draw draw)
    {
        var body = draw.NonZero(7) + "1";
        var check = Dot(body, 1, 2, 3, 4, 5, 6, 7, 8) % 11;
        if (check == 10)
            check = Dot(body, 3, 4, 5, 6, 7, 8, 9, 1) % 11 % 10;
        return body + check;
    }

    private static string LvVat(Draw draw) => Repeat(() =>
    {
        var body = draw.Between(4, 9) + draw.Digits(9);
        var check = ((3 - (Dot(body, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6) % 11)) + 11) % 11;
        return check == 10 ? null : body + check;
    });

    private static string MtVat(Draw draw)
    {
        var body = draw.NonZero(6);
        return body + (37 - (Dot(body, 3, 4, 6, 7, 8, 9) % 37)).ToString("00");
    }

    private static string RoVat(Draw draw)
    {
        var body = draw.NonZero(draw.Between(6, 9));
        return body + (Dot(body.PadLeft(9, '0'), 7, 5, 3, 2, 1, 7, 5, 3, 2) * 10 % 11 % 10);
    }

    private static string SiVat(Draw draw) => Repeat(() =>
    {
        var body = draw.NonZero(7);
        var check = 11 - (Dot(body, 8, 7, 6, 5, 4, 3, 2) % 11);
        return check == 11 ? null : body + (check % 10);
    });

    private static string SkVat(Draw draw) => Repeat(() =>
    {
        var n = draw.Between(100_000_000, 900_000_000) * 11L;
        return n.ToString().Length == 10 && n.ToString()[2] is '2' or '3' or '4' or '7' or '8' or '9' ? n.ToString() : null;
    });

    private static string GbVat(Draw draw)
    {
        var body = draw.NonZero(7);
        var sum = Dot(body, 8, 7, 6, 5, 4, 3, 2);
        return body + ((97 - (sum % 97)) % 97).ToString("00");
    }
}
