namespace Millrace.Consuming;

/// <summary>Bounds of the adaptation in addition to those of <see cref="LoadOptions"/>.</summary>
/// <param name="MaxBatchEvents">The maximum number of events of a batch.</param>
/// <param name="ConcurrentBatches">The number of batches whose events workers handle at the same time.</param>
internal readonly record struct LoadBounds(int MaxBatchEvents, int ConcurrentBatches)
{
    /// <summary>Gets the bounds of a consumer, which handles one batch at a time.</summary>
    public static LoadBounds None { get; } = new(int.MaxValue, 1);
}
