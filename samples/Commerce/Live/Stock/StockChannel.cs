using Millrace.Redis;

namespace Commerce.Live.Stock;

/// <summary>
/// Tells nodes of changes of stock through one channel of Redis: the node that has the consumer says them, and all hear
/// them. When something may have been missed, what clients have subscribed to is read anew.
/// </summary>
public sealed partial class StockChannel(
    RedisChannels channels, LiveStock stock, TimeProvider time, ILogger<StockChannel> logger) : BackgroundService
{
    public const string Name = "commerce.stock";

    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(500);

    /// <summary>The consumer that says what changes.</summary>
    public ConsumerDefinition Consumer() =>
        ConsumerDefinition.Batch("live-stock", StockChange.Events, PublishChange).FromEnd();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var subscription = channels.Subscribe(Name);
        await foreach (var notice in subscription.Read(stoppingToken))
        {
            if (notice.IsGap)
                stock.Reload();
            else if (StockChange.FromNode(notice.Body) is { } change)
                stock.Notify(change);
            else
                Log.Skipped(logger, notice.Body.Length);
        }
    }

    private async ValueTask PublishChange(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var recorded in events)
            await PublishChange(StockChange.Of(recorded), cancellationToken);
    }

    /// <summary>Says it as soon as Redis is there: an event that Redis cannot take is no reason
    /// to give it up.</summary>
    private async Task PublishChange(StockChange change, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await channels.Publish(Name, change.ToNodes(), cancellationToken);
                return;
            }
            catch (TransportUnavailableException)
            {
                await Task.Delay(AfterFailure, time, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1,
            Level = LogLevel.Warning,
            Message = "A message of {Bytes} bytes about stock is none, and was skipped.")]
        public static partial void Skipped(ILogger logger, int bytes);
    }
}
