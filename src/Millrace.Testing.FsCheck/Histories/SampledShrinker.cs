using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing;

/// <summary>
/// Finds simpler arguments where only a generator is known: among others that it makes, so that none is tried that it
/// never would.
/// </summary>
internal sealed class SampledShrinker<TArguments>(Gen<TArguments> arguments, RoundTrip trip)
{
    private const int Samples = 60;

    private static readonly int[] Sizes = [0, 5, 50];

    // Always the same, so that a seed shows the same history again.
    private static readonly Rnd Seed = new(1);

    private List<(string Text, TArguments Value)>? _samples;

    /// <summary>Simpler ones, the simplest first: of a shorter text, or of one that comes before.</summary>
    public IEnumerable<TArguments> Simpler(TArguments given)
    {
        var text = TextOf(given);
        _samples ??= Make();
        return _samples.TakeWhile(sample => Compare(sample.Text, text) < 0).Select(sample => sample.Value);
    }

    private List<(string Text, TArguments Value)> Make()
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

    private string TextOf(TArguments value) => ValueTree.Text(ValueTree.Of(value, trip.Json));
}
