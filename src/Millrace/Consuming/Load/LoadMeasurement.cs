namespace Millrace.Consuming.Load;

/// <summary>What a consumer or receiver did in an interval.</summary>
/// <param name="Events">The number of events that it handled.</param>
/// <param name="Batches">The number of batches; at least 1.</param>
/// <param name="FullBatches">The number of batches that had the maximum size.</param>
/// <param name="Busy">The time in which at least one batch was handled.</param>
/// <param name="Elapsed">The duration of the interval.</param>
/// <param name="Lag">The number of events that waited at the end of the interval.</param>
internal readonly record struct LoadMeasurement(
    int Events, int Batches, int FullBatches, TimeSpan Busy, TimeSpan Elapsed, long Lag)
{
    /// <summary>Gets the total duration of the batches, of which several can be handled at the same time.</summary>
    public TimeSpan Durations { get; init; } = Busy;

    /// <summary>Gets the events per second of the time in which the consumer was not idle.</summary>
    public double Capacity => Events / Math.Max(Busy.TotalSeconds, 1e-6);

    /// <summary>Gets the events per second of the whole interval.</summary>
    public double Throughput => Events / Math.Max(Elapsed.TotalSeconds, 1e-6);

    /// <summary>Gets the mean duration of a batch.</summary>
    public TimeSpan BatchTime => Durations / Batches;

    /// <summary>Gets the mean number of events of a batch.</summary>
    public double BatchEvents => (double)Events / Batches;

    /// <summary>Gets whether the consumer was hardly idle, and events waited for it.</summary>
    public bool HasBacklog => Busy >= Elapsed * 0.8 && FullBatches * 2 >= Batches;
}
