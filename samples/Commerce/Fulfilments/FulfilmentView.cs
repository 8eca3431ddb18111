using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>One try to fulfil an order: where it stands, and all that happened to it, oldest first.</summary>
/// <param name="Due">When it goes on by itself; null when an event or a person has to come first.</param>
/// <param name="Reason">Why it is undone or held; null when it is neither.</param>
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
                    entry.Version, entry.What, entry.Step, entry.Reason, entry.By, entry.At)),
            ]
        );
}

/// <summary>Something that happened.</summary>
public sealed record FulfilmentEntry(
    long Version, string What, string? Step, string? Reason, string? By, DateTimeOffset At);
