using Microsoft.Extensions.Logging;

namespace Millrace.Store;

/// <summary>Stores the counts of query shapes at intervals, and when the application stops.</summary>
internal sealed partial class QueryUseService(EventStore store, ILogger<QueryUseService> logger)
    : IStoreService, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly QueryUseStore _uses = new(store);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public Task Start(CancellationToken cancellationToken)
    {
        // Also on a node that counts no queries: it notes that, because other nodes' counts are then not complete.
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TryWrite(cancellationToken, isLast: true).ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, store.Time, cancellationToken).ConfigureAwait(false);
            await TryWrite(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask TryWrite(CancellationToken cancellationToken, bool isLast = false)
    {
        try
        {
            await _uses.Write(cancellationToken, isLast).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // Counts are not worth the end of the service.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, store.Description, exception); // The next interval tries again.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 19001,
            Level = LogLevel.Warning,
            Message = "The query shapes of {Store} could not be stored. The next attempt is in 30 seconds.")]
        public static partial void Failed(ILogger logger, string store, Exception exception);
    }
}
