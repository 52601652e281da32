using System.Text;

namespace LexCustis.Evaluation.Pii;

/// <summary>What stands in a generated text, and where.</summary>
internal sealed record Truth(string Type, int Start, int End);

internal sealed record Sample(string Text, IReadOnlyList<Truth> Truths);

/// <summary>Texts of mixed languages with known personal data, and texts of near misses with none.</summary>
internal static class TextMaker
{
    /// <summary>One to three values among plain sentences of one language; a fifth of the check-digit numbers is written to be overlooked.</summary>
    public static Sample Positive(Draw draw, Kind first)
    {
        var text = new StringBuilder();
        var truths = new List<Truth>();
        var tongue = draw.Of(Prose.All);
        var count = draw.Between(1, 3);
        for (var i = 0; i < count; i++)
        {
            if (draw.Chance(0.7))
                text.Append(draw.Of(tongue.Plain)).Append(draw.Chance(0.5) ? ' ' : '\n');
            var kind = i == 0 ? first : draw.Of(Kind.All);
            var value = Write(draw, kind, kind.Make(draw));
            Append(text, draw, tongue, draw.Of(kind.Labels), value, kind.Type, truths);
            text.Append(draw.Chance(0.5) ? ' ' : '\n');
        }

        text.Append(draw.Of(tongue.Plain));
        return new Sample(text.ToString(), truths);
    }

    /// <summary>A text that holds something like a number but no number: nothing may be reported of it.</summary>
    public static (string Kind, string Text) NearMiss(Draw draw)
    {
        var tongue = draw.Of(Prose.All);
        var text = new StringBuilder(draw.Of(tongue.Plain)).Append(' ');
        var what = draw.Below(11);
        string kind;
        if (what < 4)
        {
            // One digit off, behind the right label and in its usual form.
            var source = draw.Of(Kind.All.Where(k => k.Digits).ToArray());
            kind = "one_digit_off " + source.Type;
            Append(text, draw, tongue, draw.Of(source.Labels), Form(draw, source, OneOff(draw, source.Make(draw))), source.Type, []);
        }
        else
        {
            string sentence;
            (kind, sentence) = what switch
            {
                4 => ("order_number", $"{draw.Of(["Order", "Bestellnummer", "Commande", "Pedido", "Ordine", "Zamówienie", "Bestelling", "Order no."])} {draw.NonZero(draw.Between(7, 16))}"),
                5 => ("isbn", draw.Chance(0.5) ? $"ISBN 978-{draw.Between(0, 9)}-{draw.Digits(2)}-{draw.Digits(6)}-{draw.Digits(1)}" : $"ISBN {draw.Digits(10)}"),
                6 => ("timestamp", draw.Below(4) switch { 0 => $"at 20{draw.Between(10, 29)}-{draw.Between(10, 12)}-{draw.Between(10, 28)} {draw.Between(10, 23)}:{draw.Between(10, 59)}:{draw.Between(10, 59)}", 1 => $"ts={draw.Between(1500000000, 1799999999)}", 2 => $"20{draw.Between(10, 29)}{draw.Between(10, 12)}{draw.Between(10, 28)}{draw.Between(10, 23)}{draw.Between(10, 59)}{draw.Between(10, 59)}", _ => $"{draw.Between(1500000000, 1799999999)}{draw.Digits(3)}" }),
                7 => ("hash", draw.From("0123456789abcdef", draw.Of([8, 12, 32, 40, 64]))),
                8 => ("price", draw.Below(4) switch { 0 => $"{draw.NonZero(3)}.{draw.Digits(3)}.{draw.Digits(3)},{draw.Digits(2)} EUR", 1 => $"€{draw.NonZero(9)}.{draw.Digits(2)}", 2 => $"{draw.NonZero(3)} {draw.Digits(3)} {draw.Digits(3)},{draw.Digits(2)} zł", _ => $"$ {draw.NonZero(1)},{draw.Digits(3)},{draw.Digits(3)}.{draw.Digits(2)}" }),
                9 => ("not_an_address", draw.Below(4) switch { 0 => $"{draw.Of(["logo", "icon", "banner"])}@{draw.Between(2, 3)}x.png", 1 => string.Join(':', Enumerable.Range(0, 16).Select(_ => draw.From("0123456789abcdef", 2))), 2 => draw.Of(["CONTRACT", "DOCUMENT", "WICHTIGE", "ABONNEMENTS", "DIRECTOR", "ANNOUNCE"]), _ => $"{draw.Between(1, 9)} @ {draw.Between(1, 9)}.{draw.Digits(2)}" }),
                _ => ("other_code", draw.Below(5) switch { 0 => $"v{draw.Between(1, 9)}.{draw.Between(1, 30)}.{draw.Between(1, 30)}", 1 => $"{Guid(draw)}", 2 => $"{draw.Between(1, 28):00}.{draw.Between(1, 12):00}.20{draw.Between(10, 29)}", 3 => $"invoice {draw.NonZero(10)}", _ => $"§ {draw.Between(1, 200)} Abs. {draw.Between(1, 9)}" }),
            };
            text.Append(sentence);
        }

        return (kind, text.Append(". ").Append(draw.Of(tongue.Plain)).ToString());
    }

    private static string Guid(Draw draw) => string.Join('-', new[] { 8, 4, 4, 4, 12 }.Select(n => draw.From("0123456789abcdef", n)));

    private static void Append(StringBuilder text, Draw draw, Prose.Tongue tongue, string label, string value, string type, List<Truth> truths)
    {
        var carrier = label.Length == 0 ? draw.Of(["{n}", "({n})", "{n};"]) : draw.Of(tongue.Carriers);
        var at = carrier.IndexOf("{n}", StringComparison.Ordinal);
        var before = carrier[..at].Replace("{l}", label, StringComparison.Ordinal);
        text.Append(before);
        truths.Add(new Truth(type, text.Length, text.Length + value.Length));
        text.Append(value).Append(carrier[(at + 3)..].Replace("{l}", label, StringComparison.Ordinal));
    }

    private static string Write(Draw draw, Kind kind, string made)
    {
        var formed = Form(draw, kind, made);
        if (!kind.Digits || !draw.Chance(0.2))
            return formed;
        return draw.Below(4) switch
        {
            0 => formed.Replace(' ', '\u00A0').Replace('-', '\u2011'),
            1 => string.Concat(formed.Select(c => char.IsAsciiDigit(c) ? (char)('０' + c - '0') : c)),
            2 => formed.Insert(draw.Between(1, formed.Length - 1), "\u200B"),
            _ => formed.Contains(' ') ? ReplaceOne(formed, ' ', '\n') : formed.Insert(draw.Between(1, formed.Length - 1), "\u2060"),
        };
    }

    private static string ReplaceOne(string text, char from, char to)
    {
        var at = text.IndexOf(from, StringComparison.Ordinal);
        return text[..at] + to + text[(at + 1)..];
    }

    private static string Form(Draw draw, Kind kind, string made)
    {
        if (kind.Forms.Length == 0)
            return made;
        var form = draw.Of(kind.Forms);
        if (form == "-4")
            return made[..^4] + "-" + made[^4..];
        if (form.Length == 0 || (kind.Type == "payment_card" && made.Length != 16))
            return made;
        var written = new StringBuilder();
        var at = 0;
        var size = 0;
        foreach (var c in form)
        {
            if (char.IsDigit(c))
            {
                size = (size * 10) + c - '0';
                continue;
            }

            if (at + size >= made.Length)
                break;
            written.Append(made, at, size).Append(c);
            at += size;
            size = 0;
        }

        return written.Append(made, at, made.Length - at).ToString();
    }

    private static string OneOff(Draw draw, string made)
    {
        var places = Enumerable.Range(0, made.Length).Where(i => char.IsAsciiDigit(made[i])).ToArray();
        var place = draw.Of(places);
        var other = (char)('0' + ((made[place] - '0' + draw.Between(1, 9)) % 10));
        return made[..place] + other + made[(place + 1)..];
    }
}
