namespace Millrace.Recovering;

/// <summary>The decision about a case at one moment.</summary>
/// <param name="After">The new state; null to remove the case.</param>
/// <param name="Events">The types and contents of the events that are committed with it.</param>
/// <param name="Starts">Whether the action of the new state is to be run after the commit.</param>
internal sealed record RecoveryStep(
    RecoveryRecord? After, IReadOnlyList<(string Type, RecoveryNote Note)> Events, bool Starts = false)
{
    public static RecoveryStep Of(RecoveryRecord? after, params (string Type, RecoveryNote Note)[] events) =>
        new(after, events);

    /// <summary>Returns a decision with the events of an earlier one before its own.</summary>
    public RecoveryStep AfterEvents(IEnumerable<(string Type, RecoveryNote Note)> earlier) =>
        this with { Events = [.. earlier, .. Events] };
}
