using Millrace.Redis;

namespace Commerce.Live.Stock;

/// <summary>
/// Publishes stock changes to all nodes through a Redis channel. The node that runs the consumer publishes the changes,
/// and all nodes receive them. A node that may have missed messages reads all subscribed products again.
/// </summary>
public sealed partial class StockChannel(
    RedisChannels channels, LiveStock stock, TimeProvider time, ILogger<StockChannel> logger) : BackgroundService
{
    public const string Name = "commerce.stock";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns the consumer that publishes the changes.</summary>
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

    /// <summary>
    /// Publishes a change, and waits while Redis is unavailable. An outage must not make the event a dead letter.
    /// </summary>
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
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1,
            Level = LogLevel.Warning,
            Message = "A message of {Bytes} bytes is not a valid stock change and was skipped.")]
        public static partial void Skipped(ILogger logger, int bytes);
    }
}
