using LexCustis.Infrastructure.Retrieval;

namespace LexCustis.Tests.Infrastructure.Retrieval;

public sealed class GlossaryTests
{
    [Theory]
    [InlineData("Was müssen Betreiber von Hochrisiko-KI-Systemen tun?", "deployer high-risk AI system")]
    [InlineData("Combien de temps faut-il conserver les journaux ?", "how long months keep retention logs")]
    [InlineData("COMBIEN DE TEMPS FAUT-IL CONSERVER LES JOURNAUX ?", "how long months keep retention logs")]
    [InlineData("¿Qué se considera un incidente grave?", "serious incident")]
    [InlineData("Chi deve fare la valutazione d’impatto sui diritti fondamentali?", "fundamental rights impact assessment FRIA")]
    [InlineData("Wo ist der Sammelplatz?", "")]
    [InlineData("What do the journals of the high-risk systems have to keep?", "")]
    [InlineData("", "")]
    public void Says_in_English_what_it_knows(string question, string english) => Assert.Equal(english, Glossary.InEnglish(question));

    [Theory]
    [InlineData("Quelles pratiques d'IA sont interdites ?", "Quelles practices d AI sont prohibited")]
    [InlineData("Which practices are prohibited, and for whom?", "Which practices are prohibited, and for whom?")]
    [InlineData("Wo ist, bitte, der Sammelplatz?", "Wo ist, bitte, der Sammelplatz?")]
    [InlineData("?", "?")]
    public void Leaves_the_rest_of_a_question_as_it_is(string question, string translated) => Assert.Equal(translated, Glossary.Translate(question));
}
