namespace LexCustis.Infrastructure.Checks;

/// <summary>Payment card numbers: the issuer ranges that the card schemes publish, and Luhn.</summary>
internal static class PaymentCards
{
    public static bool IsValid(ReadOnlySpan<char> s) =>
        s.Length is >= 13 and <= 19 && Checksums.AllDigits(s) && IsIssued((int)Checksums.Number(s[..6]), s.Length) && Checksums.Luhn(s);

    private static bool IsIssued(int head, int length) => head switch
    {
        >= 400000 and <= 499999 => length is 13 or 16 or 19,                               // Visa
        (>= 510000 and <= 559999) or (>= 222100 and <= 272099) => length == 16,            // Mastercard
        (>= 340000 and <= 349999) or (>= 370000 and <= 379999) => length == 15,            // American Express
        (>= 300000 and <= 305999) or (>= 360000 and <= 369999) or (>= 380000 and <= 399999) => length is >= 14 and <= 19, // Diners
        >= 352800 and <= 358999 => length is >= 16 and <= 19,                              // JCB
        (>= 601100 and <= 601199) or (>= 644000 and <= 659999) => length is >= 16 and <= 19, // Discover
        >= 620000 and <= 629999 => length is >= 16 and <= 19,                              // UnionPay
        (>= 500000 and <= 509999) or (>= 560000 and <= 589999) or (>= 639000 and <= 639099) or (>= 670000 and <= 679999) => length is >= 16 and <= 19, // Maestro
        >= 220000 and <= 220499 => length is >= 16 and <= 19,                              // Mir
        _ => false,
    };
}
