using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore;

/// <summary>A consumer as operators see it.</summary>
[Description("A consumer as it stands, wherever it runs.")]
internal sealed record ConsumerView(
    [property: Description("Its name; for a projection that of its collection.")] string Name,
    [property: Description("catchingUp, live, paused, stalled, faulted or circuitOpen.")] string State,
    [property: Description("Since when it has been so; absent when nobody has said so yet.")]
        DateTimeOffset? StateSince,
    [property: Description("The last position it has finished.")] long Checkpoint,
    [property: Description("How many events of the log lie behind that.")] long LagEvents,
    [property: Description("How long ago the first of them was recorded.")] double LagSeconds,
    [property: Description("The node that runs it; absent when none does.")] string? Node,
    [property: Description("Since when it does; absent when none does.")] DateTimeOffset? NodeSince,
    [property: Description("Whether an operator paused it.")] bool IsPaused,
    [property: Description("How many of its events have failed, or wait behind one that has.")] long OpenLetters,
    [property: Description("What keeps it from getting on; absent when nothing does.")] string? Error,
    [property: Description(
        "Its partitions, when it is divided: then the rest tells the worst of them, and what all have finished.")]
        IReadOnlyList<PartitionView> Partitions)
{
    public static ConsumerView Of(ConsumerStatus status) => new(
        status.Name,
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
        [.. status.Partitions.Select(PartitionView.Of)]);
}
