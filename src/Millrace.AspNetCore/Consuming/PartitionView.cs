using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Consuming;

/// <summary>The status of a partition of a consumer, for operators.</summary>
[Description("The status of a partition of a consumer. The partition can run on any node.")]
internal sealed record PartitionView(
    [property: Description("The number of the partition, from 0.")] int Partition,
    [property: Description("catchingUp, live, paused, stalled, faulted or circuitOpen.")] string State,
    [property: Description("The last position that it has finished.")] long Checkpoint,
    [property: Description("The node that runs it; absent if no node does.")] string? Node,
    [property: Description("The time at which the node started to run it; absent if no node does.")]
    DateTimeOffset? NodeSince,
    [property: Description("The number of its events that have failed or wait behind a failed one.")] long OpenLetters,
    [property: Description("The error that blocks it; absent if there is none.")] string? Error)
{
    public static PartitionView Of(PartitionStatus status) => new(
        status.Partition,
        JsonNamingPolicy.CamelCase.ConvertName(status.State.ToString()),
        status.Checkpoint,
        status.Node,
        status.NodeSince,
        status.OpenDeadLetters,
        status.Error);
}
