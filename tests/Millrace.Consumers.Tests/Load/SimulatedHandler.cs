using System.Globalization;

namespace Millrace.Tests.Load;

/// <summary>
/// How long the batches of a simulated handler take. Workers wait for a service that becomes slower with more calls at
/// a time than it can handle, and share two processors.
/// </summary>
/// <param name="Overhead">The time for each batch, in seconds.</param>
/// <param name="Wait">The time for which a worker waits for each event, in seconds.</param>
/// <param name="Work">The processor time for each event, in seconds.</param>
/// <param name="MaxCalls">The number of calls that the service handles at the same time.</param>
/// <param name="Noise">The maximum deviation of a batch, as a share.</param>
internal sealed record SimulatedHandler(double Overhead, double Wait, double Work, int MaxCalls, double Noise)
{
    private const int Processors = 2;

    private static readonly int[] Sizes = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
    private static readonly int[] Workers = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

    /// <summary>Gets the fixed settings with which the adaptation is compared.</summary>
    public static IEnumerable<(int BatchEvents, int Workers)> Settings =>
        from size in Sizes from workers in Workers select (size, workers);

    public static SimulatedHandler Create(Random random) => new(
        0.0005 * Math.Pow(20, random.NextDouble()),
        random.Next(3) == 0 ? 0 : 0.0002 * Math.Pow(100, random.NextDouble()),
        0.000005 * Math.Pow(100, random.NextDouble()),
        random.Next(1, 40),
        0.1 * random.NextDouble());

    /// <summary>Returns the duration of a batch in seconds.</summary>
    public double DurationOf(int events, int workers, Random? random = null)
    {
        var lanes = Math.Min(events, workers);
        var share = (double)events / lanes;
        // Keys are not divided equally: the largest lane has more events than the others.
        var largest = Math.Min(
            events, share + (lanes == 1 ? 0 : 1.2 * Math.Sqrt(2 * share * (1 - (1.0 / lanes)) * Math.Log(lanes))));
        var wait = Wait * Math.Max(1, Math.Pow((double)lanes / MaxCalls, 1.1));
        var work = events * Work / Math.Min(Processors, lanes) * (1 + (0.005 * lanes));
        var deviation = random is null ? 0 : Noise * ((2 * random.NextDouble()) - 1);
        return (Overhead + (largest * wait) + work) * (1 + deviation);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"overhead {Overhead * 1e3:0.00} ms, wait {Wait * 1e3:0.00} ms, work {Work * 1e6:0} µs, calls {MaxCalls}, "
            + $"noise {Noise:0.00}");
}
