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
    private const int MaxFactor = 4; // Of a fixed setting, which the user may have limited on purpose.
    private const int MaxBatchSetting = 10_000;
    private const int MaxWorkerSetting = 64;
    private static readonly TimeSpan MaxBatchTime = TimeSpan.FromSeconds(2);

    /// <summary>Gets the name of the consumer; null without one.</summary>
    public string? Name => Consumers.Count == 0 ? null : Consumers[0].Name;

    /// <summary>Gets whether several workers can handle the events of a batch.</summary>
    public bool HasWorkers => Processor?.HasWorkers == true;

    /// <summary>Gets the requirements from which the consumer adapts; null if its settings are fixed.</summary>
    public LoadOptions? Requirements => Processor is { } processor ? processor.LoadOptions ?? Options.Load : null;

    /// <summary>Gets whether the requirements are the consumer's own.</summary>
    public bool HasOwnRequirements => Processor?.LoadOptions is not null;

    /// <summary>Gets the present size of batches: the adapted or the fixed one.</summary>
    public int PresentBatchEvents => Processor is { } processor ? PresentBatchOf(processor, Options) : 1;

    /// <summary>Gets the present number of workers.</summary>
    public int PresentWorkers => Processor?.Workers ?? 1;

    /// <summary>Gets the name of the setting of a fixed size of batches.</summary>
    public string BatchSetting =>
        Processor?.BatchSetting?.Name ?? $"Millrace:Consumers:{nameof(ConsumerOptions.BatchEvents)}";

    /// <summary>Gets whether events wait for the consumer.</summary>
    public bool IsBehind => Consumers.Any(one => one.TakeSnapshot() is { } snapshot && Head() > snapshot.Position);

    /// <summary>Gets the maximum number of workers to try: that of the requirements, or a multiple of the fixed
    /// number.</summary>
    public int MaxWorkers => !HasWorkers
        ? 1
        : Requirements?.WorkersOf(Environment.ProcessorCount)
            ?? Math.Min(MaxWorkerSetting, MaxFactor * PresentWorkers);

    /// <summary>Gets the maximum size of batches to try: that of the requirements, or a multiple of the fixed
    /// size.</summary>
    public int MaxBatchEvents => Math.Min(
        Processor?.MaxEvents ?? 1,
        Requirements?.MaxBatchEvents ?? Math.Min(MaxBatchSetting, MaxFactor * PresentBatchEvents));

    /// <summary>Gets the maximum duration of a batch.</summary>
    public TimeSpan BatchTime => Requirements?.BatchTime ?? MaxBatchTime;

    private ConsumerProcessor? Processor => Consumers.Count == 0 ? null : Consumers[0].Processor;

    /// <summary>Returns why the consumer cannot be measured any more; null if it can.</summary>
    public string? FindProblem()
    {
        foreach (var consumer in Consumers)
        {
            if (consumer.IsPaused)
                return $"Consumer '{consumer.Name}' was paused.";
            if (consumer.TakeSnapshot() is not { } snapshot)
                return $"Consumer '{consumer.Name}' does not run on this node any more.";
            if (snapshot.State is ConsumerState.Faulted or ConsumerState.Stalled or ConsumerState.CircuitOpen)
                return $"Consumer '{consumer.Name}' makes no progress: {snapshot.Error ?? snapshot.State.ToString()}";
        }
        return null;
    }

    /// <summary>Returns the present size of the batches of a consumer: the adapted or the fixed one.</summary>
    public static int PresentBatchOf(ConsumerProcessor processor, ConsumerOptions options) =>
        processor.Load?.BatchEvents ?? processor.BatchSetting?.Events ?? options.BatchEvents;
}
