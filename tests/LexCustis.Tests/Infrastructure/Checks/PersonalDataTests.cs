using LexCustis.Infrastructure.Checks;

namespace LexCustis.Tests.Infrastructure.Checks;

public sealed class PersonalDataTests
{
    // Every number here is a documentation example or was computed for this test; none is a person's.
    [Theory]
    [InlineData("Mail jane.doe@example.com please.", "email", "jane.doe@example.com")]
    [InlineData("Pay to DE89 3704 0044 0532 0130 00 today", "iban", "DE89 3704 0044 0532 0130 00")]
    [InlineData("FR14 2004 1010 0505 0001 3M02 606", "iban", "FR14 2004 1010 0505 0001 3M02 606")]
    [InlineData("card 4111 1111 1111 1111 exp", "payment_card", "4111 1111 1111 1111")]
    [InlineData("Call +49 171 2345678 now", "phone", "+49 171 2345678")]
    [InlineData("Appelez le 06 12 34 56 78.", "phone", "06 12 34 56 78")]
    [InlineData("host 192.168.17.34 is down", "ip_address", "192.168.17.34")]
    [InlineData("via 2001:db8::ff00:42:8329 only", "ip_address", "2001:db8::ff00:42:8329")]
    [InlineData("nic 00:1B:44:11:3A:B7 up", "mac_address", "00:1B:44:11:3A:B7")]
    [InlineData("port abcd.ef01.2345.", "mac_address", "abcd.ef01.2345")]
    [InlineData("MAC address: 001B44113AB7", "mac_address", "001B44113AB7")]
    [InlineData("adresse MAC 001b44-113ab7, salle 2", "mac_address", "001b44-113ab7")]
    [InlineData("MAC 00 1B 44 11 3A B7", "mac_address", "00 1B 44 11 3A B7")]
    [InlineData("BIC: DEUT DE FF 500", "bic", "DEUT DE FF 500")]
    [InlineData("BIC: deutdeff", "bic", "deutdeff")]
    [InlineData("SWIFT/BIC = Deutdeff500", "bic", "Deutdeff500")]
    [InlineData("swift deutdeff500", "bic", "deutdeff500")]
    [InlineData("postgres://app:s3cret@db:5432/x", "url_credentials", "postgres://app:s3cret@db:5432")]
    [InlineData("key ghp_abcdefghijklmnopqrstuvwxyz0123456789", "api_key", "ghp_abcdefghijklmnopqrstuvwxyz0123456789")]
    [InlineData("né le 14/07/1985 à Lyon", "date_of_birth", "14/07/1985")]
    [InlineData("geboren am 3. März 1990", "date_of_birth", "3. März 1990")]
    [InlineData("Reisepass C01X00T47", "passport", "C01X00T47")]
    [InlineData("Steuer-ID: 86095742719", "de_tax_id", "86095742719")]
    [InlineData("PESEL 44051401359", "pl_pesel", "44051401359")]
    [InlineData("44051401359 (PESEL)", "pl_pesel", "44051401359")]
    [InlineData("BSN 111222333", "nl_bsn", "111222333")]
    [InlineData("DNI 12345678Z", "es_dni", "12345678Z")]
    [InlineData("NIE X1234567L", "es_nie", "X1234567L")]
    [InlineData("codice fiscale RSSMRA85T10A562S", "it_codice_fiscale", "RSSMRA85T10A562S")]
    [InlineData("NIR 2 69 05 49 588 157 80", "fr_nir", "2 69 05 49 588 157 80")]
    [InlineData("hetu 131052-308T", "fi_hetu", "131052-308T")]
    [InlineData("personnummer 811228-9874", "se_personnummer", "811228-9874")]
    [InlineData("CPR 211062-5629", "dk_cpr", "211062-5629")]
    [InlineData("rodné číslo 710319/2745", "cz_sk_birth_number", "710319/2745")]
    [InlineData("EGN 7523169263", "bg_egn", "7523169263")]
    [InlineData("OIB 33392005961", "hr_oib", "33392005961")]
    [InlineData("EMŠO 0101006500006", "si_emso", "0101006500006")]
    [InlineData("isikukood 36805280109", "ee_isikukood", "36805280109")]
    [InlineData("personas kods 161175-19997", "lv_personas_kods", "161175-19997")]
    [InlineData("rijksregisternummer 85.07.30-033.28", "be_national_number", "85.07.30-033.28")]
    [InlineData("NHS number 943 476 5919", "gb_nhs", "943 476 5919")]
    [InlineData("NI number AA 12 34 56 C", "gb_nino", "AA 12 34 56 C")]
    [InlineData("AHV 756.9217.0769.85", "ch_ahv", "756.9217.0769.85")]
    [InlineData("PPS number 1234567T", "ie_pps", "1234567T")]
    [InlineData("CNP 1800101221144", "ro_cnp", "1800101221144")]
    [InlineData("SVNR 1237 010180", "at_svnr", "1237 010180")]
    [InlineData("RVNR 15070649C103", "de_social_insurance", "15070649C103")]
    [InlineData("NIP 526-000-12-46", "pl_nip", "526-000-12-46")]
    [InlineData("ATU13585627", "vat", "ATU13585627")]
    [InlineData("DE136695976", "vat", "DE136695976")]
    [InlineData("Mr. John Smith called", "person_name", "John Smith")]
    [InlineData("12 Baker Street", "postal_address", "12 Baker Street")]
    [InlineData("Hauptstraße 5, 10115 Berlin", "postal_address", "Hauptstraße 5, 10115 Berlin")]
    [InlineData("My wife is diabetic", "art9_health", "diabetic")]
    public void Finds(string text, string type, string value)
    {
        var found = PersonalData.Find(text);
        Assert.Contains(found, f => f.Type == type && text[f.Start..f.End] == value);
    }

    [Theory]
    [InlineData("DE89\u00A03704\u20110044 0532\n0130\u200B00", "iban")]
    [InlineData("PESEL ４４０５１４０１３５９", "pl_pesel")]
    [InlineData("PESEL 440\u200B514\u200B01359", "pl_pesel")]
    [InlineData("Karte 4111-1111\n1111-1111", "payment_card")]
    public void Sees_through_separators_and_look_alike_digits(string text, string type) =>
        Assert.Contains(PersonalData.Find(text), f => f.Type == type);

    [Theory]
    [InlineData("We need a swift decision on this.")]
    [InlineData("Swift: language of choice")]
    [InlineData("BIC decision pending")]
    [InlineData("bic: response to follow")]
    [InlineData("The BIC form asks for a decision: deutdeff")]
    [InlineData("deutdeff")]
    [InlineData("PESEL 44051401358")]
    [InlineData("IBAN DE89 3704 0044 0532 0130 01")]
    [InlineData("Order number 4111111111111111")]
    [InlineData("ISBN 978-3-16-148410-0")]
    [InlineData("at 2026-11-22 10:30:00 we shipped 1.234.567,89 EUR")]
    [InlineData("timestamp 1712345678")]
    [InlineData("sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("version 1.2.3.4")]
    [InlineData("We discussed religion and health policy in the parliament.")]
    public void Near_misses_are_not_reported(string text) => Assert.Empty(PersonalData.Find(text));

    [Fact]
    public void Nothing_found_is_the_shared_empty_list() =>
        Assert.Same(PersonalData.Find("A calm sentence."), PersonalData.Find("Another one."));
}
