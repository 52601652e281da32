namespace LexCustis.Infrastructure.Llm.Extractive;

internal enum Language
{
    English,
    French,
    German,
    Spanish,
    Italian,
}

/// <summary>
/// Words as the extractive provider compares them: without those that say nothing, and reduced to a stem. Not the terms that the grounding check
/// compares: there "prohibited" denies, here it is what was asked about.
/// </summary>
internal static class Words
{
    /// <summary>Cutting words to this length is the crudest stemmer there is, and does about as well as a real one in all three languages.</summary>
    private const int StemLength = 6;

    private static readonly HashSet<string> English = Set(
        "a about above after again all also am an and any are as at be because been before being below between both but by can could did do does doing done "
        + "down during each else every explain few for from further get give given had has have having he her here hers him his how i if in into is it its "
        + "just know let like made make many may me might more most much must my need no nor not now of off on once only or other our out over own please "
        + "same shall she should so some such tell than that the their them then there these they this those through to too under until up us use used very "
        + "was we were what when where which while who whom whose why will with within without would you your");

    private static readonly HashSet<string> French = Set(
        "a à afin ai ainsi alors après as au aucun aussi autre autres aux avant avec avez avoir avons c ce ceci cela celle celles celui ces cet cette ceux "
        + "chaque chez ci comme comment d dans de depuis des dire dis dit dites doit doivent donc dont du elle elles en encore entre es est et étaient était "
        + "été être eu eux expliquer expliquez faire fait faut il ils j je l la là le les leur leurs lorsque lui m ma mais me même mes moi mon n ne ni non "
        + "nos notre nous on ont ou où par parce pas peut peuvent plus pour pourquoi pouvez puis qu quand que quel quelle quelles quels qui quoi s sa sans se "
        + "sera ses si son sont sous sur t ta te tes toi ton tous tout toute toutes très tu un une vos votre vous y");

    private static readonly HashSet<string> German = Set(
        "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist bitte da dabei damit dann das dass dazu dein dem "
        + "den denn der deren des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er erklären "
        + "es etwas euch euer für gegen gibt haben hat hatte hätte ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes "
        + "kann kein keine können könnte man mehr mein mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne sagen sehr sein seine seinem "
        + "seinen seiner sich sie sind so soll sollen sollte über um und uns unser unter vom von vor wann war waren warum was weil welche welchem welchen "
        + "welcher welches wenn wer werde werden wie wieder will wir wird wo wozu wurde wurden würde zu zum zur zwischen");

    // In these two without what is a word of its own in English: "sea", "sin", "fare", "serve".
    private static readonly HashSet<string> Spanish = Set(
        "a al algo algún antes aunque cada como cómo con cual cuál cuáles cuando cuándo cuánto cuántos de debe deben del desde dónde dos e el él ella "
        + "ellos en entre eran es esa ese eso esta está están estas este esto estos fue han has hasta he la las le les lo los me mi mis mucho muy más "
        + "nada ni no nos nosotros nuestra nuestro nuestros o os otra otro otros para pero poco podemos por porque puede pueden puedo que qué quien quién "
        + "quiénes se ser si sí sobre son su sus también tan te tenemos tiene tienen todo todos tu tus un una unos y ya yo");

    private static readonly HashSet<string> Italian = Set(
        "a ad agli ai al alla alle allo anche avere che chi ci come con cosa cui da dagli dai dal dalla dalle degli dei del della delle dello deve devo devono di "
        + "dobbiamo e è ed essere fa fra gli ha hai hanno ho i il in io la le lei lo loro lui ma me mi mia mio molto ne negli nei nel nella nelle nello "
        + "noi non nostra nostri nostro o ogni per perché più può possiamo posso possono qual quale quali quando quanti quanto quella quelle quelli quello "
        + "questa queste questi questo se senza si sia siamo sono su sugli sui sul sulla sulle sullo suo sua suoi tra tu tutti tutto un una uno vi voi");

    /// <summary>The stems of the words that carry meaning, in order, repeated where they are.</summary>
    public static List<string> Stems(string text)
    {
        var stems = new List<string>();
        foreach (var word in Split(text))
            if (!English.Contains(word) && !French.Contains(word) && !German.Contains(word) && !Spanish.Contains(word) && !Italian.Contains(word))
                stems.Add(Stem(word));
        return stems;
    }

    /// <summary>The language whose small words a text has most of; English where there is nothing to go by.</summary>
    public static Language LanguageOf(string text)
    {
        var words = Split(text).ToList();
        // Of equals the first: those of the web app come before the other two.
        return new[] { (Language.English, English), (Language.French, French), (Language.German, German), (Language.Spanish, Spanish), (Language.Italian, Italian) }
            .MaxBy(list => words.Count(list.Item2.Contains)).Item1;
    }

    private static IEnumerable<string> Split(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inside = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inside && start < 0)
                start = i;
            if (inside || start < 0)
                continue;
            yield return text[start..i].ToLowerInvariant();
            start = -1;
        }
    }

    private static string Stem(string word)
    {
        if (char.IsAsciiDigit(word[0]))
            return word;
        if (word.Length > 3 && word[^1] == 's')
            word = word[..^1];
        return word.Length > StemLength ? word[..StemLength] : word;
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);
}
