namespace LexCustis.Evaluation.Pii;

/// <summary>Plain sentences without personal data, and ways to say a label and a value, in the 24 official languages of the EU.</summary>
internal static class Prose
{
    /// <param name="Plain">Sentences that hold nothing to find.</param>
    /// <param name="Carriers"><c>{l}</c> is the label, <c>{n}</c> the value.</param>
    internal sealed record Tongue(string Code, string[] Plain, string[] Carriers);

    public static readonly Tongue[] All =
    [
        new("en", ["The report was finished late in the evening.", "Our office moves to the second floor in spring.", "Please send the documents again."], ["My {l} is {n}.", "{l}: {n}", "For the form you need the {l} {n}, thank you.", "Here it is: {l} {n}"]),
        new("fr", ["Le rapport a été terminé tard dans la soirée.", "La réunion aura lieu dans la grande salle.", "Merci de renvoyer les documents."], ["Le {l} est {n}.", "{l} : {n}", "Voici le {l} demandé : {n}, merci.", "Mon dossier porte le {l} {n}"]),
        new("de", ["Der Bericht wurde am späten Abend fertig.", "Unser Büro zieht im Frühjahr in den zweiten Stock.", "Bitte senden Sie die Unterlagen noch einmal."], ["Die {l} lautet {n}.", "{l}: {n}", "Anbei die {l} {n}, vielen Dank.", "Für das Formular: {l} {n}"]),
        new("es", ["El informe se terminó a última hora de la tarde.", "La oficina se traslada a la segunda planta.", "Por favor, envíe los documentos otra vez."], ["El {l} es {n}.", "{l}: {n}", "Adjunto el {l} {n}, gracias.", "Necesitan el {l} {n}"]),
        new("it", ["La relazione è stata finita la sera tardi.", "L'ufficio si trasferisce al secondo piano.", "Vi prego di inviare di nuovo i documenti."], ["Il {l} è {n}.", "{l}: {n}", "Ecco il {l} {n}, grazie.", "Serve il {l} {n}"]),
        new("pl", ["Raport ukończono późnym wieczorem.", "Nasze biuro przenosi się na drugie piętro.", "Proszę ponownie przesłać dokumenty."], ["Mój {l} to {n}.", "{l}: {n}", "Podaję {l} {n}, dziękuję.", "W formularzu jest {l} {n}"]),
        new("nl", ["Het rapport was laat in de avond klaar.", "Ons kantoor verhuist in het voorjaar.", "Stuur de stukken nog een keer op."], ["Mijn {l} is {n}.", "{l}: {n}", "Hierbij het {l} {n}, bedankt.", "Voor het formulier: {l} {n}"]),
        new("sv", ["Rapporten blev klar sent på kvällen.", "Kontoret flyttar till andra våningen i vår.", "Skicka gärna handlingarna en gång till."], ["Mitt {l} är {n}.", "{l}: {n}", "Här kommer {l} {n}, tack.", "Till blanketten: {l} {n}"]),
        new("da", ["Rapporten blev færdig sent om aftenen.", "Kontoret flytter til anden sal i foråret.", "Send venligst papirerne igen."], ["Mit {l} er {n}.", "{l}: {n}", "Her er {l} {n}, tak.", "Til skemaet: {l} {n}"]),
        new("fi", ["Raportti valmistui myöhään illalla.", "Toimisto muuttaa toiseen kerrokseen keväällä.", "Lähettäkää asiakirjat uudelleen."], ["{l} on {n}.", "{l}: {n}", "Tässä {l} {n}, kiitos.", "Lomakkeelle: {l} {n}"]),
        new("cs", ["Zpráva byla hotova pozdě večer.", "Kancelář se na jaře stěhuje do druhého patra.", "Pošlete prosím dokumenty znovu."], ["Moje {l} je {n}.", "{l}: {n}", "Posílám {l} {n}, děkuji.", "Do formuláře: {l} {n}"]),
        new("sk", ["Správa bola hotová neskoro večer.", "Kancelária sa na jar sťahuje.", "Pošlite prosím dokumenty znova."], ["Moje {l} je {n}.", "{l}: {n}", "Posielam {l} {n}, ďakujem.", "Do formulára: {l} {n}"]),
        new("hu", ["A jelentés késő este készült el.", "Az iroda tavasszal a második emeletre költözik.", "Kérem, küldje el újra az iratokat."], ["A {l} {n}.", "{l}: {n}", "Itt a {l} {n}, köszönöm.", "Az űrlapra: {l} {n}"]),
        new("pt", ["O relatório ficou pronto ao fim da tarde.", "O escritório muda para o segundo andar.", "Por favor, envie os documentos outra vez."], ["O meu {l} é {n}.", "{l}: {n}", "Segue o {l} {n}, obrigado.", "Para o formulário: {l} {n}"]),
        new("ro", ["Raportul a fost gata seara târziu.", "Biroul se mută la etajul al doilea.", "Vă rog să retrimiteți documentele."], ["{l} este {n}.", "{l}: {n}", "Iată {l} {n}, mulțumesc.", "Pentru formular: {l} {n}"]),
        new("hr", ["Izvještaj je završen kasno navečer.", "Ured se na proljeće seli na drugi kat.", "Molimo pošaljite dokumente ponovno."], ["Moj {l} je {n}.", "{l}: {n}", "Šaljem {l} {n}, hvala.", "Za obrazac: {l} {n}"]),
        new("sl", ["Poročilo je bilo končano pozno zvečer.", "Pisarna se spomladi seli v drugo nadstropje.", "Prosimo, pošljite dokumente še enkrat."], ["Moj {l} je {n}.", "{l}: {n}", "Pošiljam {l} {n}, hvala.", "Za obrazec: {l} {n}"]),
        new("bg", ["Докладът беше готов късно вечерта.", "Офисът се мести на втория етаж.", "Моля, изпратете документите отново."], ["Моят {l} е {n}.", "{l}: {n}", "Ето {l} {n}, благодаря.", "За формуляра: {l} {n}"]),
        new("el", ["Η έκθεση ολοκληρώθηκε αργά το βράδυ.", "Το γραφείο μεταφέρεται στον δεύτερο όροφο.", "Παρακαλώ στείλτε ξανά τα έγγραφα."], ["Το {l} είναι {n}.", "{l}: {n}", "Σας στέλνω {l} {n}, ευχαριστώ.", "Για το έντυπο: {l} {n}"]),
        new("et", ["Aruanne sai valmis hilja õhtul.", "Kontor kolib kevadel teisele korrusele.", "Palun saatke dokumendid uuesti."], ["Minu {l} on {n}.", "{l}: {n}", "Siin on {l} {n}, aitäh.", "Vormi jaoks: {l} {n}"]),
        new("lv", ["Ziņojums bija gatavs vēlu vakarā.", "Birojs pavasarī pārceļas uz otro stāvu.", "Lūdzu, nosūtiet dokumentus vēlreiz."], ["Mans {l} ir {n}.", "{l}: {n}", "Nosūtu {l} {n}, paldies.", "Veidlapai: {l} {n}"]),
        new("lt", ["Ataskaita buvo baigta vėlai vakare.", "Biuras pavasarį keliasi į antrą aukštą.", "Prašome dar kartą atsiųsti dokumentus."], ["Mano {l} yra {n}.", "{l}: {n}", "Siunčiu {l} {n}, ačiū.", "Formai: {l} {n}"]),
        new("ga", ["Críochnaíodh an tuarascáil go déanach sa tráthnóna.", "Tá an oifig ag bogadh san earrach.", "Seol na cáipéisí arís le do thoil."], ["Is é {n} an {l}.", "{l}: {n}", "Seo an {l} {n}, go raibh maith agat.", "Don fhoirm: {l} {n}"]),
        new("mt", ["Ir-rapport tlesta tard filgħaxija.", "L-uffiċċju se jmur fit-tieni sular.", "Jekk jogħġbok erġa' ibgħat id-dokumenti."], ["In-{l} tiegħi hu {n}.", "{l}: {n}", "Hawn hu {l} {n}, grazzi.", "Għall-formola: {l} {n}"]),
    ];
}
