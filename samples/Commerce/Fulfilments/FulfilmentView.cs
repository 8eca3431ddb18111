using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>One attempt to fulfil an order: its status and its history, oldest first.</summary>
/// <param name="Due">The time when a timer continues the process, or null when the process waits for an event or a
/// person.</param>
/// <param name="Reason">The reason why the process is undone or held, or null.</param>
public sealed record FulfilmentView(
    FulfilmentId Id,
    ProcessState State,
    IReadOnlyList<FulfilmentStep> Steps,
    DateTimeOffset? Due,
    DateTimeOffset StartedAt,
    DateTimeOffset ChangedAt,
    string? Reason,
    IReadOnlyList<FulfilmentEntry> History)
{
    public static FulfilmentView Of(FulfilmentId id, ProcessInfo info, IReadOnlyList<ProcessEntry> history) =>
        new(
            id,
            info.State,
            FulfilmentStep.AllOf(history),
            info.Due,
            info.StartedAt,
            info.ChangedAt,
            info.Reason,
            [
                .. history.Select(entry => new FulfilmentEntry(
                    entry.Version, entry.Kind, entry.Step, entry.Reason, entry.By, entry.At)),
            ]
        );
}

/// <summary>An entry of the history.</summary>
public sealed record FulfilmentEntry(
    long Version, string What, string? Step, string? Reason, string? By, DateTimeOffset At);
