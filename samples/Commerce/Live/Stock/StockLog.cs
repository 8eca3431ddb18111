using Millrace.Storage;

namespace Commerce.Live.Stock;

/// <summary>
/// Follows the log for changes of stock, on each node by itself; only while somebody is here to be told. Used where
/// nodes do not tell each other.
/// </summary>
public sealed partial class StockLog(EventStore store, LiveStock stock, TimeProvider time, ILogger<StockLog> logger)
    : BackgroundService
{
    private const int PageEvents = 1_000;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SkipEvery = TimeSpan.FromSeconds(5);

    private long _skipped;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? next = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pace;
            try
            {
                next = next is not { } from ? await FindStartPosition(stoppingToken)
                    : stock.HasClients ? await Follow(from, stoppingToken)
                    : await Skip(from, stoppingToken);
            }
            catch (MillraceException exception)
            {
                Log.CannotRead(logger, exception);
                pause = AfterFailure; // It is gone on with from the same place.
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long> FindStartPosition(CancellationToken cancellationToken)
    {
        var end = await End(cancellationToken);
        stock.Reload(); // Who came before this has had a state, and changes may lie between.
        return end;
    }

    /// <summary>Passes over what nobody is told, now and then; returns where to go on.</summary>
    private async Task<long> Skip(long next, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_skipped) < SkipEvery)
            return next;
        _skipped = time.GetTimestamp();
        var end = await End(cancellationToken);
        return stock.HasClients ? next : end; // Who came meanwhile may have read a state from before that end.
    }

    /// <summary>Tells what has come since; what clients know already they leave out. Returns where to go on.</summary>
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

    /// <summary>The first position behind all changes of stock that there are.</summary>
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
            Message = "The log cannot be read for changes of stock. It is tried again.")]
        public static partial void CannotRead(ILogger logger, Exception exception);
    }
}
