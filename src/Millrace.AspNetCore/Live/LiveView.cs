using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Live;

/// <summary>What changed, for operators.</summary>
[Description("The changes since the previous event of the connection. The first event has everything.")]
internal sealed record LiveView(
    [property: Description("The last position of the log.")] long Position,
    [property: Description("The consumers that changed.")] IReadOnlyList<LiveConsumerView> Consumers,
    [property: Description("The number of events that have failed or wait behind a failed one.")] long? DeadLetters,
    [property: Description("All open alerts; absent if they did not change.")] IReadOnlyList<LiveAlertView>? Alerts);

/// <summary>The progress of a consumer, for operators.</summary>
[Description("The progress of a consumer.")]
internal sealed record LiveConsumerView(
    [property: Description("The name.")] string Name,
    [property: Description("The shard; absent without shards.")] string? Shard,
    [property: Description("catchingUp, live, paused, stalled, faulted or circuitOpen.")] string State,
    [property: Description("The last position that it has finished.")] long Checkpoint,
    [property: Description("The number of events in the log after the checkpoint.")] long LagEvents,
    [property: Description("The age in seconds of the first event after the checkpoint.")] double LagSeconds,
    [property: Description("The number of its events that have failed or wait.")] long OpenLetters)
{
    public static LiveConsumerView Of(ConsumerStatus status) => new(
        status.Name,
        status.Shard,
        JsonNamingPolicy.CamelCase.ConvertName(status.State.ToString()),
        status.Checkpoint,
        status.LagEvents,
        Math.Round(status.LagTime.TotalSeconds),
        status.OpenDeadLetters);
}
