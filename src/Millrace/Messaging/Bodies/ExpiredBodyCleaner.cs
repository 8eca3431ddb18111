using Microsoft.Extensions.Logging;
using Millrace.Store;

namespace Millrace.Messaging.Bodies;

/// <summary>Removes expired message bodies once an hour, on nodes that store bodies.</summary>
internal sealed class ExpiredBodyCleaner(IBodyStore? bodies, Func<bool> storesBodies, TimeProvider time, ILogger logger)
    : IStoreService,
        IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task Start(CancellationToken cancellationToken)
    {
        if (bodies is not null)
            _running = Task.Run(() => Run(bodies, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Run(IBodyStore store, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var removed = storesBodies()
                    ? await store.RemoveExpired(time.GetUtcNow(), stopping).ConfigureAwait(false)
                    : 0;
                if (removed > 0)
                    MessagingLog.BodiesRemoved(logger, removed, store.Description);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of the loop: every failure is logged and retried.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                MessagingLog.BodiesNotRemoved(logger, store.Description, exception);
            }
            await Task.Delay(Interval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
