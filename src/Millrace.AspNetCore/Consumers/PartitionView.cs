using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore;

/// <summary>A partition of a consumer as operators see it.</summary>
[Description("A partition of a consumer as it stands, wherever it runs.")]
internal sealed record PartitionView(
    [property: Description("Its number, from 0.")] int Partition,
    [property: Description("catchingUp, live, paused, stalled, faulted or circuitOpen.")] string State,
    [property: Description("The last position it has finished.")] long Checkpoint,
    [property: Description("The node that runs it; absent when none does.")] string? Node,
    [property: Description("Since when it does; absent when none does.")] DateTimeOffset? NodeSince,
    [property: Description("How many of its events have failed, or wait behind one that has.")] long OpenLetters,
    [property: Description("What keeps it from getting on; absent when nothing does.")] string? Error)
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
