using System.Diagnostics.Metrics;

namespace Millrace.Store;

/// <summary>
/// The boundaries of the buckets of histograms. A view of the application can replace them. The default boundaries of
/// OpenTelemetry are for milliseconds, so that nearly all durations in seconds would be in one bucket.
/// </summary>
internal static class HistogramBoundaries
{
    /// <summary>Durations of operations, in seconds: from 100 microseconds to ten seconds.</summary>
    public static InstrumentAdvice<double> Durations { get; } = new()
    {
        HistogramBucketBoundaries =
            [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>The boundaries that OpenTelemetry defines for operations of messaging, in seconds.</summary>
    public static InstrumentAdvice<double> Messaging { get; } = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    /// <summary>Ages and long operations, in seconds: from ten milliseconds to one day.</summary>
    public static InstrumentAdvice<double> Ages { get; } = new()
    {
        HistogramBucketBoundaries =
            [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400],
    };

    /// <summary>Numbers of requests that are committed together.</summary>
    public static InstrumentAdvice<int> Batches { get; } = new()
    {
        HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096],
    };
}
