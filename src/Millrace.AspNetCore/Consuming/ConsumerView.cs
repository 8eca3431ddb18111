using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Consuming;

/// <summary>The status of a consumer, for operators.</summary>
[Description("The status of a consumer. The consumer can run on any node.")]
internal sealed record ConsumerView(
    [property: Description("The name; for a projection the name of its collection.")] string Name,
    [property: Description("The shard whose events it handles; absent without shards.")] string? Shard,
    [property: Description("catchingUp, live, paused, stalled, faulted or circuitOpen.")] string State,
    [property: Description("The time at which it entered this state; absent if not known yet.")]
        DateTimeOffset? StateSince,
    [property: Description("The last position that it has finished.")] long Checkpoint,
    [property: Description("The number of events in the log after the checkpoint.")] long LagEvents,
    [property: Description("The age in seconds of the first event after the checkpoint.")] double LagSeconds,
    [property: Description("The node that runs it; absent if no node does.")] string? Node,
    [property: Description("The time at which the node started to run it; absent if no node does.")]
    DateTimeOffset? NodeSince,
    [property: Description("True when an operator paused it.")] bool IsPaused,
    [property: Description("The number of its events that have failed or wait behind a failed one.")] long OpenLetters,
    [property: Description("The error that blocks it; absent if there is none.")] string? Error,
    [property: Description(
        "The partitions, if the consumer is partitioned. The consumer's state and error are then those of the "
            + "partition in the worst state, and its checkpoint is the position that all partitions have finished.")]
        IReadOnlyList<PartitionView> Partitions,
    [property: Description(
        "The size of batches and the number of workers, if this node runs the consumer and it adapts them.")]
        LoadView? Load)
{
    public static ConsumerView Of(ConsumerStatus status) => new(
        status.Name,
        status.Shard,
        JsonNamingPolicy.CamelCase.ConvertName(status.State.ToString()),
        status.StateSince,
        status.Checkpoint,
        status.LagEvents,
        Math.Round(status.LagTime.TotalSeconds, 3),
        status.Node,
        status.NodeSince,
        status.IsPaused,
        status.OpenDeadLetters,
        status.Error,
        [.. status.Partitions.Select(PartitionView.Of)],
        LoadView.Of(status.Load));
}
