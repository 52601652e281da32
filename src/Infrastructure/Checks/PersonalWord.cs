namespace LexCustis.Infrastructure.Checks;

/// <summary>What a word of <c>Lexicons/personal.txt</c> says about the text around it; the sections there carry these names.</summary>
internal enum PersonalWord : byte
{
    None,

    // Labels that name one kind of number, or a few that share the word.
    Iban, Card, Bic, Vat, AustriaSocial, SocialInsurance, Belgium, Bulgaria, SwissSocial, CzechSlovak, GermanTax, GermanSocial,
    Denmark, Estonia, Lithuania, Spain, Nif, Finland, France, BritainInsurance, BritainHealth, Greece, GreekTax, Croatia,
    HungaryHealth, HungaryTax, HungaryPerson, Ireland, Italy, ItalyCompany, Luxembourg, Latvia, Malta, Cyprus, Netherlands, Poland,
    PolandTax, Portugal, Romania, Sweden, Slovenia,

    /// <summary>"National identity number" and the like: any number whose structure is strong enough.</summary>
    AnyNumber,

    // Labels of things without a check digit.
    Phone, Passport, DrivingLicence, Birth, Secret, Mac,

    /// <summary>Order, invoice, ISBN, version, hash: the number behind it is no person's.</summary>
    NotPersonal,

    Title, SelfName, LivesIn, StreetBefore, StreetAfter, StreetEither, Month,

    /// <summary>Someone is spoken of: I am, she has, the patient.</summary>
    Person,

    Health, Religion, Union, Orientation, Politics, Origin, Biometric,
}
