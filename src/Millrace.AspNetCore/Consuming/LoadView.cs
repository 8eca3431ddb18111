using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Consuming;

/// <summary>The adaptation of a consumer or receiver, for operators.</summary>
[Description("The size of batches and the number of workers that a consumer or receiver on this node has chosen.")]
internal sealed record LoadView(
    [property: Description("balanced, latency or throughput.")] string Priority,
    [property: Description("The maximum duration of a batch, in seconds.")] double TargetSeconds,
    [property: Description("The maximum number of events of a batch.")] int BatchEvents,
    [property: Description("The number of workers.")] int Workers,
    [property: Description("The last changes, the newest first; at most 50.")]
    IReadOnlyList<LoadDecisionView> Decisions)
{
    public static LoadView? Of(LoadStatus? load) => load is null ? null : new(
        JsonNamingPolicy.CamelCase.ConvertName(load.Priority.ToString()),
        load.TargetLatency.TotalSeconds,
        load.BatchEvents,
        load.Workers,
        [.. load.Decisions.Select(LoadDecisionView.Of)]);
}
