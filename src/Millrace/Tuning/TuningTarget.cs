using Millrace.Consuming;
using Millrace.Queries;

namespace Millrace.Tuning;

/// <summary>What a run switches.</summary>
/// <param name="Consumers">The partitions on this node of the consumer; empty to measure only the cache.</param>
/// <param name="Cache">The cache of queries; null if the application has none.</param>
/// <param name="Options">The options of the consumers.</param>
/// <param name="Head">Returns the end of the log.</param>
internal sealed record TuningTarget(
    IReadOnlyList<Consumer> Consumers, QueryCache? Cache, ConsumerOptions Options, Func<long> Head)
{
    private const int MaxWorkersWithoutBound = 32;
    private const int MaxBatchEventsWithoutBound = 10_000;
    private static readonly TimeSpan MaxBatchTime = TimeSpan.FromSeconds(2);

    /// <summary>Gets the name of the consumer; null without one.</summary>
    public string? Name => Consumers.Count == 0 ? null : Consumers[0].Name;

    /// <summary>Gets whether several workers can handle the events of a batch. One call of a batch handler handles all
    /// of them.</summary>
    public bool HasWorkers => Consumers.Count > 0 && Consumers[0].Processor.CanBeDivided;

    /// <summary>Gets the requirements from which the consumer adapts; null if its settings are fixed.</summary>
    public LoadOptions? Requirements => Consumers.Count == 0
        ? null
        : Consumers[0].Processor.LoadOptions ?? Options.Load;

    /// <summary>Gets whether the requirements are the consumer's own.</summary>
    public bool HasOwnRequirements => Consumers.Count > 0 && Consumers[0].Processor.LoadOptions is not null;

    /// <summary>Gets the size of batches that the consumer has chosen; null if it does not adapt.</summary>
    public int? AdaptedBatchEvents => Consumers.Count == 0 ? null : Consumers[0].Processor.Load?.BatchEvents;

    /// <summary>Gets whether events wait for the consumer.</summary>
    public bool IsBehind => Consumers.Any(one => one.TakeSnapshot() is { } snapshot && Head() > snapshot.Position);

    /// <summary>Gets the maximum number of workers to try.</summary>
    public int MaxWorkers => HasWorkers ? Requirements?.MaxWorkers ?? MaxWorkersWithoutBound : 1;

    /// <summary>Gets the maximum size of batches to try.</summary>
    public int MaxBatchEvents => Requirements?.MaxBatchEvents ?? MaxBatchEventsWithoutBound;

    /// <summary>Gets the maximum duration of a batch.</summary>
    public TimeSpan BatchTime => Requirements?.BatchTime ?? MaxBatchTime;
}
