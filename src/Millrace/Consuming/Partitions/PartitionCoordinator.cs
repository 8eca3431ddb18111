using System.Collections.Concurrent;

namespace Millrace.Consuming.Partitions;

/// <summary>
/// Adapts the consumers of this node when their partitions in the store differ from those that the node started with,
/// and starts those again whose lease was released in the store.
/// </summary>
internal sealed class PartitionCoordinator(ConsumerHost host) : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _divided = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Consumer> _restarted = new();
    private readonly SemaphoreSlim _signal = new(0);

    /// <summary>Records that a consumer's partitions in the store differ from those on this node.</summary>
    public void Note(string consumer, int partitions)
    {
        _divided[consumer] = partitions;
        if (_signal.CurrentCount == 0)
            _signal.Release();
    }

    /// <summary>Records that the lease of a consumer of this node was released in the store.</summary>
    public void NoteRestart(Consumer consumer)
    {
        _restarted.Enqueue(consumer);
        if (_signal.CurrentCount == 0)
            _signal.Release();
    }

    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
                while (_restarted.TryDequeue(out var restarted))
                    await Restart(restarted, cancellationToken).ConfigureAwait(false);
                foreach (var consumer in _divided.Keys)
                {
                    if (_divided.TryRemove(consumer, out var partitions))
                        await host.Divide(consumer, partitions, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // After a failure, the lease coordinator records the difference again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ConsumerLog.CannotLook(host.Logger, exception);
            }
        }
    }

    public void Dispose() => _signal.Dispose();

    private async Task Restart(Consumer consumer, CancellationToken cancellationToken)
    {
        try
        {
            await host.Restart(consumer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            consumer.IsRestarting = !host.All.Contains(consumer); // A replaced one takes no lease any more.
        }
        host.LeaseCoordinator.InspectSoon();
    }
}
