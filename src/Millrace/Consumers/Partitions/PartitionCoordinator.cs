using System.Collections.Concurrent;

namespace Millrace;

/// <summary>
/// Has this node work on consumers as they are divided in the store, which is not always as they were divided when it
/// began.
/// </summary>
internal sealed class PartitionCoordinator(ConsumerHost host) : IDisposable
{
    private readonly ConcurrentDictionary<string, int> _divided = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _news = new(0);

    /// <summary>Notes that a consumer is divided otherwise than it is worked on here.</summary>
    public void Note(string consumer, int partitions)
    {
        _divided[consumer] = partitions;
        if (_news.CurrentCount == 0)
            _news.Release();
    }

    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _news.WaitAsync(cancellationToken).ConfigureAwait(false);
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
#pragma warning disable CA1031 // The top of the loop: the keeper of the leases notes it again as long as it is so.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ConsumerLog.CannotLook(host.Logger, exception);
            }
        }
    }

    public void Dispose() => _news.Dispose();
}
