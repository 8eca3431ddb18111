using System.ComponentModel;
using System.Text.Json;

namespace Millrace.AspNetCore.Consuming;

/// <summary>A change of the adaptation of a consumer, for operators.</summary>
[Description("A change of the size of batches or the number of workers.")]
internal sealed record LoadDecisionView(
    [property: Description("The time of the change.")] DateTimeOffset Time,
    [property: Description("latencyOverTarget, eventsWait, trial or resourcesScarce.")] string Reason,
    [property: Description("The maximum number of events of a batch after the change.")] int BatchEvents,
    [property: Description("The maximum number of events of a batch before the change.")] int PreviousBatchEvents,
    [property: Description("The number of workers after the change.")] int Workers,
    [property: Description("The number of workers before the change.")] int PreviousWorkers,
    [property: Description("The events per second that were handled before the change.")] double EventsPerSecond,
    [property: Description("The mean duration of a batch before the change, in seconds.")] double BatchSeconds,
    [property: Description("The number of events that waited.")] long LagEvents)
{
    public static LoadDecisionView Of(LoadDecision decision) => new(
        decision.Time,
        JsonNamingPolicy.CamelCase.ConvertName(decision.Reason.ToString()),
        decision.BatchEvents,
        decision.PreviousBatchEvents,
        decision.Workers,
        decision.PreviousWorkers,
        Math.Round(decision.Throughput, 1),
        Math.Round(decision.BatchTime.TotalSeconds, 4),
        decision.LagEvents);
}
