using Millrace.Storage;

namespace Store1Space;

/// <summary>Consumers: who works, where each stands, and what operators asked for.</summary>
/// <param name="memory">What it hands on to until it is made real.</param>
internal sealed class DatabaseLeases(ILeaseStorage memory) : ILeaseStorage
{
    public ValueTask<ConsumerRecord> Acquire(
         string consumer, int partition, string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) =>
        memory.Acquire(consumer, partition, holder, duration, now, cancellationToken);

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        memory.Release(consumer, partition, epoch, cancellationToken);

    public ValueTask Report(
         string consumer, int partition, long epoch, string state, string? error, DateTimeOffset now,
         CancellationToken cancellationToken) =>
        memory.Report(consumer, partition, epoch, state, error, now, cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        memory.SetPaused(consumer, isPaused, cancellationToken);

    public ValueTask Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        memory.Reset(consumer, checkpoint, cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        memory.List(cancellationToken);
}
