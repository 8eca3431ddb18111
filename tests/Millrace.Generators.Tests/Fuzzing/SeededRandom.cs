namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Creates random values from a seed.</summary>
internal sealed class SeededRandom(int seed)
{
    private readonly Random _random = new(seed);

    public int Next(int below) => _random.Next(below);

    public bool Is(int percent) => _random.Next(100) < percent;

    public T Pick<T>(params IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    public long Integer()
    {
        var bits = _random.NextInt64(long.MinValue, long.MaxValue);
        return bits >> _random.Next(64);
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    public double Fraction() => _random.NextDouble();

    public List<T> Shuffled<T>(IEnumerable<T> items) => [.. items.OrderBy(_ => _random.Next())];
}
