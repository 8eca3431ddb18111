using Millrace.Storage;

namespace Commerce.Live.Stock;

/// <summary>
/// Follows the log for stock changes, separately on each node, while clients are connected. Used when the nodes have no
/// Redis channel.
/// </summary>
public sealed partial class StockLog(EventStore store, LiveStock stock, TimeProvider time, ILogger<StockLog> logger)
    : BackgroundService
{
    private const int PageEvents = 1_000;
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SkipInterval = TimeSpan.FromSeconds(5);

    private long _lastSkip;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? next = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = ReadInterval;
            try
            {
                next = next is not { } from ? await FindStartPosition(stoppingToken)
                    : stock.HasClients ? await Follow(from, stoppingToken)
                    : await Skip(from, stoppingToken);
            }
            catch (MillraceException exception)
            {
                Log.CannotRead(logger, exception);
                pause = RetryDelay; // Continues from the same position.
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long> FindStartPosition(CancellationToken cancellationToken)
    {
        var end = await End(cancellationToken);
        // A client that is already connected has received a state and may have missed changes since then.
        stock.Reload();
        return end;
    }

    /// <summary>
    /// Skips events periodically while no client is connected. Returns the position to continue from.
    /// </summary>
    private async Task<long> Skip(long next, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_lastSkip) < SkipInterval)
            return next;
        _lastSkip = time.GetTimestamp();
        var end = await End(cancellationToken);
        // A client that has just connected may have read a state that is older than this end of the log.
        return stock.HasClients ? next : end;
    }

    /// <summary>
    /// Sends new changes to the clients, which ignore the changes that they already know. Returns the position to
    /// continue from.
    /// </summary>
    private async Task<long> Follow(long next, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await store.ReadPage(
                new LogPageQuery(StockChange.Events, next, IsBackwards: false, PageEvents), cancellationToken);
            foreach (var recorded in page.Events)
                stock.Notify(StockChange.Of(recorded));
            if (page.Events.Count > 0)
                next = page.Events[^1].Position + 1;
            if (page.IsEnd)
                return next;
        }
    }

    /// <summary>Returns the position after the last stock change.</summary>
    private async Task<long> End(CancellationToken cancellationToken)
    {
        await foreach (var recorded in store.ReadLogBackwards(StockChange.Events, cancellationToken: cancellationToken))
            return recorded.Position + 1;
        return 1;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1,
            Level = LogLevel.Warning,
            Message = "The log cannot be read for stock changes. The read is retried.")]
        public static partial void CannotRead(ILogger logger, Exception exception);
    }
}
