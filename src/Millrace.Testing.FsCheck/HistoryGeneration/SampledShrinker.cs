using FsCheck;
using FsCheck.Fluent;
using Millrace.Testing.Differences;
using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>
/// Finds simpler arguments for types that have a generator but no shrinker. Selects them from further values of the
/// generator, so that all of them are valid.
/// </summary>
internal sealed class SampledShrinker<TArguments>(Gen<TArguments> arguments, RoundTrip roundTrip)
{
    private const int Samples = 60;

    private static readonly int[] Sizes = [0, 5, 50];

    // The seed is constant, so that the same seed of a test always gives the same shrunk history.
    private static readonly Rnd Seed = new(1);

    private List<(string Text, TArguments Value)>? _samples;

    /// <summary>Returns simpler arguments, simplest first: shorter as text, or earlier in order.</summary>
    public IEnumerable<TArguments> Simpler(TArguments value)
    {
        var text = TextOf(value);
        _samples ??= CreateSamples();
        return _samples.TakeWhile(sample => Compare(sample.Text, text) < 0).Select(sample => sample.Value);
    }

    private List<(string Text, TArguments Value)> CreateSamples()
    {
        var samples = new List<(string Text, TArguments Value)>();
        foreach (var size in Sizes)
            samples.AddRange(
                arguments
                    .Sample(size: size, seed: Seed, numberOfSamples: Samples)
                    .Select(value => (TextOf(value), value)));
        samples.Sort(static (one, other) => Compare(one.Text, other.Text));
        return [.. samples.DistinctBy(sample => sample.Text)];
    }

    private static int Compare(string one, string other) =>
        one.Length != other.Length ? one.Length.CompareTo(other.Length) : string.CompareOrdinal(one, other);

    private string TextOf(TArguments value) => ValueTree.Text(ValueTree.Of(value, roundTrip.Json));
}
