using System.Collections.Frozen;

namespace LexCustis.Infrastructure.Text;

/// <summary>
/// Which of PostgreSQL's built-in text search configurations fits a text: the language whose little words it has most of, <c>simple</c> where none
/// is plain. A passage of few words, or in the midst of a table, has the language of its document.
/// </summary>
internal readonly struct LanguageGuess
{
    public const string Unknown = "simple";

    /// <summary>Of a document's words, the share that is at least among its language's little words; in prose it is a quarter to a half.</summary>
    private const double LeastShare = 0.08;

    /// <summary>A passage speaks for itself when it has so many of them, and this much more than of the document's own language.</summary>
    private const int LeastWords = 6;
    private const double Lead = 1.5;

    /// <summary>Characters of a document that are looked at.</summary>
    private const int Sample = 200_000;

    private const int LongestWord = 12;

    // Frequent words that say little and tell much: those that two of these languages, or a language that is not here, share were left out where others suffice.
    private static readonly (string Language, string Words)[] Lists =
    [
        ("danish", "og af er ikke det til på med som den der har blev efter også skal hvis eller være bliver kun ved fra denne"),
        ("dutch", "het een van niet zijn wordt worden voor met dat aan ook door bij naar deze maar uit ze heeft kan wij onze en is"),
        ("english", "the of and to in is that for it with as are was be by on this or from at which not have an must shall may"),
        ("finnish", "ja on ei että se mutta tai ovat oli kun myös jos kuin hän sekä joka jotka voi olla tämä sen niin mukaan"),
        ("french", "le les des du et est une dans pour qui sur pas au aux par ce sont avec ou cette ne être ces leur il nous vous"),
        ("german", "der die und das ist nicht von den mit ein eine zu auf für dem des sich auch werden wird oder bei nach als sind im"),
        ("greek", "και το του την της των για με στο από να που είναι οι στην δεν θα ένα μια σε τα τον η ο"),
        ("hungarian", "és az hogy nem egy is ez csak de vagy meg ha mint már el kell volt van után minden azt lehet"),
        ("irish", "agus an na is ar sé ag go nach bhí tá leis seo sin chun atá le ní do faoi gach"),
        ("italian", "il di che della per non una sono con gli alla del dei delle nel nella anche come più questo essere dal ha i è le"),
        ("lithuanian", "ir yra kad iš su bet kaip tai jo arba apie jei buvo pagal dėl gali turi būti nuo šio kurie ne"),
        ("norwegian", "og er ikke det som til på med av den har ble etter også skal hvis eller være blir kun ved fra denne noen hva"),
        ("portuguese", "que não uma para com os dos das por mais como são ao pela pelo também em ou foi ser sua deve está à é"),
        ("romanian", "și în este nu cu pe pentru care din sau prin sunt fi mai după dacă poate acest această ale că al trebuie"),
        ("spanish", "el los las que una por para con del se es en no su más como al lo pero sus esta este son debe ser y o"),
        ("swedish", "och är inte det som till på med av den har för efter också ska om eller vara blir endast vid från denna att ett"),
    ];

    private static readonly FrozenDictionary<string, int> Masks = Index();

    private readonly int own;

    private LanguageGuess(int own) => this.own = own;

    /// <summary>The document's language.</summary>
    public string Language => own < 0 ? Unknown : Lists[own].Language;

    public static LanguageGuess Of(string text)
    {
        Span<int> hits = stackalloc int[Lists.Length];
        var words = Count(text.AsSpan(0, Math.Min(text.Length, Sample)), hits);
        var best = Best(hits);
        return new LanguageGuess(hits[best] > words * LeastShare && hits[best] >= 2 ? best : -1);
    }

    /// <summary>The language of one passage of the document.</summary>
    public string For(string passage)
    {
        Span<int> hits = stackalloc int[Lists.Length];
        var words = Count(passage, hits);
        var best = Best(hits);
        var speaks = hits[best] >= LeastWords && hits[best] > words * LeastShare && (own < 0 || hits[best] > hits[own] * Lead);
        return speaks ? Lists[best].Language : Language;
    }

    private static int Best(ReadOnlySpan<int> hits)
    {
        var best = 0;
        for (var language = 1; language < hits.Length; language++)
        {
            if (hits[language] > hits[best])
                best = language;
        }

        return best;
    }

    /// <returns>The number of words.</returns>
    private static int Count(ReadOnlySpan<char> text, Span<int> hits)
    {
        var known = Masks.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> lower = stackalloc char[LongestWord];
        var words = 0;
        for (var at = 0; at < text.Length;)
        {
            if (!char.IsLetter(text[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < text.Length && char.IsLetter(text[at]))
                at++;
            words++;
            if (at - start > LongestWord)
                continue;
            text[start..at].ToLowerInvariant(lower);
            if (!known.TryGetValue(lower[..(at - start)], out var mask))
                continue;
            for (var language = 0; language < hits.Length; language++)
                hits[language] += mask >> language & 1;
        }

        return words;
    }

    private static FrozenDictionary<string, int> Index()
    {
        var masks = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var language = 0; language < Lists.Length; language++)
        {
            foreach (var word in Lists[language].Words.Split(' '))
                masks[word] = masks.GetValueOrDefault(word) | 1 << language;
        }

        return masks.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
