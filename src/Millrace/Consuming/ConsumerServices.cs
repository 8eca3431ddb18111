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
    public TimeProvider Time => Store.Time;
}
