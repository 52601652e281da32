namespace LexCustis.Evaluation.Pii;

/// <summary>Seeded choices, so that every run of the evaluation makes the same texts.</summary>
internal sealed class Draw(int seed)
{
    private readonly Random _random = new(seed);

    public int Below(int bound) => _random.Next(bound);

    public int Between(int first, int last) => _random.Next(first, last + 1);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Of<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    public string Digits(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => (char)('0' + _random.Next(10))));

    public string NonZero(int count) => (char)('1' + _random.Next(9)) + Digits(count - 1);

    public string From(string alphabet, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => alphabet[_random.Next(alphabet.Length)]));

    public string Letters(int count) => From("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count);

    public (int Year, int Month, int Day) Birth(int first = 1930, int last = 2015) => (Between(first, last), Between(1, 12), Between(1, 28));
}
