using Microsoft.Extensions.Logging;

namespace Millrace.Consuming;

/// <summary>The services that all consumers of a node share.</summary>
internal sealed record ConsumerServices(
    EventStore Store,
    ConsumerOptions Options,
    ConsumerMetrics Metrics,
    RetryBackoff Retries,
    Random Random,
    ILogger Logger,
    string Node)
{
    /// <summary>
    /// Gets or sets the function that creates the follower of a consumer's documents for a run; null without followers.
    /// </summary>
    public Func<Consumer, IDocumentFollower?>? CreateFollower { get; set; }

    public TimeProvider Time => Store.Time;
}
