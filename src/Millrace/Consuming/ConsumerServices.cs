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

    /// <summary>
    /// Gets or sets since when the log had no further event before the store was opened; null if it is unknown.
    /// </summary>
    public QuietLog? Quiet { get; set; }

    /// <summary>Gets the monitor of memory and processors.</summary>
    public ResourceMonitor Resources { get; } = new(Store.Time);

    public TimeProvider Time => Store.Time;
}
