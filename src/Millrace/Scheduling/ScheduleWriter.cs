namespace Millrace.Scheduling;

/// <summary>Stores schedules, together with the event that records the change.</summary>
internal sealed class ScheduleWriter(EventStore store)
{
    /// <summary>Stores a schedule, or removes it. Returns false if another client stored a change first.</summary>
    /// <param name="name">The name of the schedule.</param>
    /// <param name="record">The new state; null removes the schedule.</param>
    /// <param name="fromVersion">The version that was read; 0 for a new schedule.</param>
    /// <param name="type">The event type that records the change; null records none.</param>
    /// <param name="note">The details of that event.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<bool> TrySave(
        string name,
        ScheduleRecord? record,
        long fromVersion,
        string? type,
        TimerNote note,
        CancellationToken cancellationToken)
    {
        var request = ScheduleStore.AddTo(new AppendRequest(), name, record, fromVersion, type, note);
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        return outcome.FindDocumentConflict() is null;
    }
}
