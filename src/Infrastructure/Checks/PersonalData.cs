using LexCustis.Infrastructure.Text;

namespace LexCustis.Infrastructure.Checks;

/// <summary>
/// Finds personal data in a text of any language: docs/checks/personal-data.md. One pass from left to right, word by word; a
/// number is looked at where it begins, with the last label in mind ("Steuer-ID: …"). Never throws, time linear in the text.
/// </summary>
internal static class PersonalData
{
    // A label speaks for a number that begins at most so far behind it.
    private const int LabelReach = 48;

    private const int SecretReach = 24;

    // Words between someone and what is said of them.
    private const int PersonReach = 10;

    private static readonly Lexicon Words = Lexicon.Load("checks/personal.txt", name => (int)Enum.Parse<PersonalWord>(name));

    /// <summary>Sorted by start, without overlaps; the shared empty list when there is nothing.</summary>
    public static IReadOnlyList<Finding> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var scan = new Scan(text);
        scan.Run();
        return scan.Findings.ToSorted();
    }

    /// <summary>The label that begins at a word, for a look ahead: "44051401359 (PESEL)".</summary>
    internal static PersonalWord LabelAt(ReadOnlySpan<char> text, int start) => (PersonalWord)Words.Match(text, start, out _);

    private ref struct Scan(ReadOnlySpan<char> text)
    {
        public FindingList Findings;
        private readonly ReadOnlySpan<char> _text = text;
        private PersonalWord _label;
        private int _labelEnd = -LabelReach - 1;
        private bool _labelUsed;
        private int _lastNumberEnd = -2;
        private int _lastIbanEnd = -LabelReach - 1;
        private int _word;
        private int _personWord = -PersonReach - 1;
        private int _phraseEnd;

        public void Run()
        {
            var symbols = Fold.Symbols;
            var i = 0;
            while (i < _text.Length)
            {
                var symbol = symbols[_text[i]];
                if (symbol <= Fold.Skip)
                {
                    i = _text[i] == ' ' ? i + 1 : Punctuation(i);
                    continue;
                }

                var start = i;
                var hasDigit = false;
                do
                {
                    hasDigit |= Fold.IsDigit(symbol);
                    i++;
                }
                while (i < _text.Length && (symbol = symbols[_text[i]]) != Fold.Break);

                _word++;
                i = hasDigit ? TokenWithDigit(start, i) : Word(start, i);
            }
        }

        private readonly PersonalWord LabelFor(int start) => start - _labelEnd <= LabelReach ? _label : PersonalWord.None;

        private readonly char CharAt(int index) => (uint)index < (uint)_text.Length ? _text[index] : '\0';

        private void Add(string type, int start, int end, double confidence, string? country = null, bool valid = false) =>
            Findings.Add(new Finding(type, start, end, confidence) { Checksum = valid ? "valid" : "none", Country = country });

        // Returns where to read on.
        private int Punctuation(int i)
        {
            int start, end;
            switch (_text[i])
            {
                case '@' when Addresses.TryEmail(_text, i, out start, out end):
                    Add("email", start, end, 0.98);
                    return end;
                case ':' when Addresses.TryUrlCredentials(_text, i, out start, out end):
                    Add("url_credentials", start, end, 0.97);
                    return end;
                case '-' when CharAt(i - 1) != '-' && Secrets.TryPem(_text, i, out end):
                    Add("private_key", i, end, 0.99);
                    return end;
                case '+' when Phones.TryInternational(_text, i, out end, out var country):
                    Add("phone", i, end, 0.95, country);
                    _labelUsed = true;
                    return end;
                case '(' when IsAreaCode(i) && Phone(i) is var phoneEnd && phoneEnd > i:
                    return phoneEnd;
                case '.' or '!' or '?' or '\n' or ';':
                    _personWord = -PersonReach - 1;
                    break;
            }

            return i + 1;
        }

        private int Word(int start, int end)
        {
            var next = CharAt(end);
            if (next is '_' or '-' or '.' || end - start >= 16)
            {
                if (Secrets.TryKnownShape(_text, start, out var secretEnd, out var type))
                {
                    Add(type, start, secretEnd, 0.97);
                    return secretEnd;
                }
            }

            if (((next is ':' or '-' && end - start == 2) || (next == '.' && end - start == 4)) && Mac(start) is var macEnd && macEnd > start)
                return macEnd;
            if (next == ':' && end - start <= 4 && Addresses.TryIpV6(_text, start, out var addressEnd))
            {
                Add("ip_address", start, addressEnd, 0.95);
                return addressEnd;
            }

            if (end - start <= 4 && char.IsUpper(_text[start]) && IsUpper(start, end) && HasDigitSoon(end) && Number(start) is var numberEnd && numberEnd > start)
                return numberEnd;

            if (start < _phraseEnd)
                return end;
            if (((end - start is 8 or 11 && !char.IsAsciiLetterLower(_text[start]))
                || _label is PersonalWord.Passport or PersonalWord.DrivingLicence or PersonalWord.Secret or PersonalWord.Mac
                || (_label == PersonalWord.Bic && end - start is 4 or 8 or 11)) && TryLabelled(start, end, out var labelledEnd))
                return labelledEnd;
            var word = (PersonalWord)Words.Match(_text, start, out var phraseEnd);
            if (word != PersonalWord.None)
                See(word, start, phraseEnd);
            return end;
        }

        private void See(PersonalWord word, int start, int end)
        {
            switch (word)
            {
                case < PersonalWord.Title:
                    _label = word;
                    _labelEnd = end;
                    _labelUsed = false;
                    _phraseEnd = end;
                    break;
                case PersonalWord.Title:
                    if (char.IsUpper(_text[start]))
                        Name(end, 0.7);
                    _personWord = _word;
                    break;
                case PersonalWord.SelfName:
                    Name(end, 0.65);
                    _personWord = _word;
                    break;
                case PersonalWord.LivesIn:
                    if (Names.TryProperNoun(_text, end, 3, out var placeStart, out var placeEnd))
                        Add("place", placeStart, placeEnd, 0.5);
                    _personWord = _word;
                    break;
                case PersonalWord.Person:
                    _personWord = _word;
                    break;
                case >= PersonalWord.Health when _word - _personWord <= PersonReach:
                    Add(SpecialCategory(word), start, end, 0.5);
                    break;
            }
        }

        private void Name(int end, double confidence)
        {
            if (Names.TryProperNoun(_text, end, 4, out var nameStart, out var nameEnd))
                Add("person_name", nameStart, nameEnd, confidence);
        }

        private int TokenWithDigit(int start, int end)
        {
            if (end - start >= 16 || CharAt(end) is '_' or '-' or '.')
            {
                if (Secrets.TryKnownShape(_text, start, out var secretEnd, out var type))
                {
                    Add(type, start, secretEnd, 0.97);
                    return secretEnd;
                }
            }

            if (CharAt(end) is '.' && Addresses.TryIpV4(_text, start, out var addressEnd))
            {
                if (LabelFor(start) != PersonalWord.NotPersonal)
                    Add("ip_address", start, addressEnd, 0.9);
                return addressEnd;
            }

            if (CharAt(end) is ':' or '-' or '.' && Mac(start) is var macEnd && macEnd > start)
                return macEnd;
            if (CharAt(end) is ':' && Addresses.TryIpV6(_text, start, out addressEnd))
            {
                Add("ip_address", start, addressEnd, 0.95);
                return addressEnd;
            }

            if (TryLabelled(start, end, out var labelledEnd))
                return labelledEnd;

            var numberEnd = Number(start);
            if (numberEnd == start)
                numberEnd = Phone(start);
            if (numberEnd > start)
                return numberEnd;
            if (LabelFor(start) != PersonalWord.NotPersonal && PostalAddresses.TryAround(_text, start, end, Words, out var addressStart, out addressEnd))
            {
                Add("postal_address", addressStart, addressEnd, 0.7);
                return Math.Max(addressEnd, end);
            }

            _lastNumberEnd = end;
            return end;
        }

        private readonly int Mac(int start, out int end) => Addresses.TryMac(_text, start, out end) ? end : start;

        private int Mac(int start)
        {
            if (Mac(start, out var end) == start)
                return start;
            Add("mac_address", start, end, 0.95);
            if (_label == PersonalWord.Mac)
                _label = PersonalWord.None;
            return end;
        }

        // What only its label tells: dates of birth, passports, licences, secrets, BIC.
        private bool TryLabelled(int start, int end, out int valueEnd)
        {
            valueEnd = end;
            switch (LabelFor(start))
            {
                case PersonalWord.Birth when Dates.TryDate(_text, start, Words, out valueEnd):
                    Add("date_of_birth", start, valueEnd, 0.9);
                    _label = PersonalWord.None;
                    return true;
                case PersonalWord.Passport when Documents.TryPassport(_text, start, out valueEnd):
                    Add("passport", start, valueEnd, 0.8);
                    _label = PersonalWord.None;
                    return true;
                case PersonalWord.DrivingLicence when Documents.TryDrivingLicence(_text, start, out valueEnd):
                    Add("driving_licence", start, valueEnd, 0.8);
                    _label = PersonalWord.None;
                    return true;
                case PersonalWord.Secret when start - _labelEnd <= SecretReach && Secrets.TryByEntropy(_text, start, out valueEnd):
                    Add("api_key", start, valueEnd, 0.8);
                    _label = PersonalWord.None;
                    return true;
                case PersonalWord.Bic when Documents.TryBic(_text, start, end) || Documents.TrySmallBic(_text, _labelEnd, start, end):
                    Add("bic", start, end, 0.9, Documents.BicCountry(_text, start));
                    return true;
                case PersonalWord.Bic when Documents.TryGroupedBic(_text, start, out var bicEnd):
                    valueEnd = bicEnd;
                    Add("bic", start, bicEnd, 0.9, Documents.BicCountry(_text, start));
                    return true;
                case PersonalWord.Mac when Addresses.TryLabelledMac(_text, start, out var macEnd):
                    valueEnd = macEnd;
                    Add("mac_address", start, macEnd, 0.9);
                    _label = PersonalWord.None;
                    return true;
                default:
                    if (end - start is 6 or 12 && Addresses.TryLabelledMac(_text, start, out var deviceEnd) && Numbers.LabelBehind(_text, deviceEnd) == PersonalWord.Mac)
                    {
                        valueEnd = deviceEnd;
                        Add("mac_address", start, deviceEnd, 0.9);
                        return true;
                    }

                    if (!Documents.TryBic(_text, start, end) || (start - _lastIbanEnd > LabelReach && Numbers.LabelBehind(_text, end) != PersonalWord.Bic))
                        return false;
                    Add("bic", start, end, 0.8, Documents.BicCountry(_text, start));
                    return true;
            }
        }

        private int Number(int start)
        {
            // Part of a decimal or behind a currency sign: an amount.
            var before = CharAt(start - 1);
            if (before is '€' or '$' or '£' or '@' || (before is ',' or '.' && char.IsAsciiDigit(CharAt(start - 2))))
                return start;
            if (!Numbers.TryMatch(_text, start, Continues(start), LabelFor(start), _labelUsed, out var match))
                return start;
            Add(match.Type, start, match.End, match.Confidence, match.Country, match.Valid);
            _labelUsed = true;
            if (match.Type == "iban")
                _lastIbanEnd = match.End;
            return match.End;
        }

        private int Phone(int start)
        {
            var label = LabelFor(start);
            if (Continues(start) || label == PersonalWord.NotPersonal || (NumberRules.IsLabel(label) && !_labelUsed)
                || !Phones.TryNational(_text, start, label == PersonalWord.Phone && !_labelUsed, out var end, out var confidence))
            {
                return start;
            }

            Add("phone", start, end, confidence);
            _labelUsed = true;
            return end;
        }

        // Digits that belonged to nothing stand right before on the same line, so that this may be the rest of something longer.
        private readonly bool Continues(int start) => start - _lastNumberEnd is 0 or 1 && CharAt(start - 1) is not ('\n' or '\r');

        // "(0171) 23 …": a few digits in parentheses and more behind.
        private readonly bool IsAreaCode(int open)
        {
            var close = open + 1;
            while (close - open <= 6 && (char.IsAsciiDigit(CharAt(close)) || CharAt(close) == '+'))
                close++;
            return close > open + 1 && CharAt(close) == ')' && (char.IsAsciiDigit(CharAt(close + 1)) || char.IsAsciiDigit(CharAt(close + 2)));
        }

        private readonly bool IsUpper(int start, int end)
        {
            foreach (var c in _text[start..end])
            {
                if (!char.IsUpper(c) && Fold.Symbol(c) != Fold.Skip)
                    return false;
            }

            return true;
        }

        private readonly bool HasDigitSoon(int index)
        {
            foreach (var c in _text.Slice(index, Math.Min(12, _text.Length - index)))
            {
                if (Fold.IsDigit(Fold.Symbol(c)))
                    return true;
            }

            return false;
        }

        private static string SpecialCategory(PersonalWord word) => word switch
        {
            PersonalWord.Health => "art9_health",
            PersonalWord.Religion => "art9_religion",
            PersonalWord.Union => "art9_union",
            PersonalWord.Orientation => "art9_orientation",
            PersonalWord.Politics => "art9_politics",
            PersonalWord.Origin => "art9_origin",
            _ => "art9_biometric",
        };
    }
}
