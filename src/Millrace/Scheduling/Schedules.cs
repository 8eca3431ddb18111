using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The schedules of a store, on all nodes: looked at, paused, resumed, run and cancelled. Safe to use from several threads.
/// </summary>
/// <remarks>
/// Schedules are defined by the application: <c>AddSchedule</c>. Each time is run by one node, once: the command and the next time are one
/// commit. Runs and decisions stand in the stream <c>$schedule-NAME</c>.
/// </remarks>
public sealed class Schedules
{
    private readonly EventStore _store;

    internal Schedules(EventStore store) => _store = store;

    /// <summary>The schedules of a store, for tools that run none themselves.</summary>
    public static Schedules Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Schedules(store);
    }

    /// <summary>All schedules, in the order of their names.</summary>
    public async ValueTask<IReadOnlyList<ScheduleInfo>> List(CancellationToken cancellationToken = default)
    {
        var found = new List<ScheduleInfo>();
        DocumentCursor? after = null;
        do
        {
            if (!await AreKept(cancellationToken).ConfigureAwait(false))
                return found;
            var query = new DocumentQuery { Collection = ScheduleStore.Name, After = after, Limit = 1_000 };
            var page = await _store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Documents.Select(document => Show(document.Key, ScheduleStore.Read(document))));
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    /// <summary>A schedule, or null when there is none of that name.</summary>
    public async ValueTask<ScheduleInfo?> Find(string name, CancellationToken cancellationToken = default)
    {
        var found = await FindDocument(name, cancellationToken).ConfigureAwait(false);
        return found is null ? null : Show(name, ScheduleStore.Read(found));
    }

    /// <summary>All that happened to a schedule, oldest first: its runs, and what was decided about it.</summary>
    public ValueTask<IReadOnlyList<TimerEntry>> History(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return TimerStore.ReadHistory(_store, ScheduleStore.StreamOf(name), cancellationToken);
    }

    /// <summary>Has a schedule run no more until it is resumed; what runs is finished.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ScheduleNotFoundException">There is none.</exception>
    public Task<ScheduleInfo> Pause(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.SchedulePaused, by,
            static (record, _) => record with { IsPaused = true, Due = null, Time = null, MustRun = false }, cancellationToken);

    /// <summary>Has a paused schedule go on with the next time that comes; those that have passed are not made up for.</summary>
    /// <inheritdoc cref="Pause"/>
    public Task<ScheduleInfo> Resume(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(name, PlatformEvents.ScheduleResumed, by, static (record, now) =>
        {
            if (!record.IsPaused)
                return record;
            var next = CronExpression.Parse(record.Cron).NextAfter(now, TimeZoneInfo.FindSystemTimeZoneById(record.TimeZone));
            return record with { IsPaused = false, Due = next, Time = next, MustRun = false, Failures = 0 };
        }, cancellationToken);

    /// <summary>Has a schedule run now, also while it is paused; its other times stay.</summary>
    /// <inheritdoc cref="Pause"/>
    public Task<ScheduleInfo> Run(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.ScheduleAsked, by,
            static (record, now) => record with { Due = now, Time = now, MustRun = true, Failures = 0 }, cancellationToken);

    /// <summary>Cancels the next run of a schedule: that time is passed over, and it goes on with the one behind it.</summary>
    /// <inheritdoc cref="Pause"/>
    /// <returns>The schedule as it stands then; as it stood where no run is ahead, because it is paused or has no time left.</returns>
    public Task<ScheduleInfo> Cancel(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(name, PlatformEvents.SchedulePassed, by, static (record, _) =>
        {
            if (record.Time is not { } time)
                return record;
            var next = record.IsPaused ? null
                : CronExpression.Parse(record.Cron).NextAfter(time, TimeZoneInfo.FindSystemTimeZoneById(record.TimeZone));
            return record with { Due = next, Time = next, MustRun = false, Failures = 0 };
        }, cancellationToken);

    private async Task<ScheduleInfo> Change(
        string name, string type, string? by, Func<ScheduleRecord, DateTimeOffset, ScheduleRecord> change,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        while (true)
        {
            var found = await FindDocument(name, cancellationToken).ConfigureAwait(false);
            var before = ScheduleStore.Read(found ?? throw new ScheduleNotFoundException(name));
            var after = change(before, _store.Time.GetUtcNow());
            if (ReferenceEquals(after, before))
                return Show(name, before);
            var note = new TimerNote { By = by, Due = after.Due, DueBefore = before.Due };
            var request = ScheduleStore.AddTo(new AppendRequest(), name, after, found.Version, type, note);
            var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return Show(name, after);
            if (outcome.Refusal is not DocumentConflictException)
                throw outcome.Refusal;
            cancellationToken.ThrowIfCancellationRequested(); // It has run meanwhile, or somebody was faster.
        }
    }

    private async ValueTask<Document?> FindDocument(string name, CancellationToken cancellationToken) =>
        await AreKept(cancellationToken).ConfigureAwait(false)
            ? await _store.Storage.Documents.Get(ScheduleStore.Name, name, cancellationToken).ConfigureAwait(false)
            : null;

    private async ValueTask<bool> AreKept(CancellationToken cancellationToken) =>
        (await _store.Storage.Documents.List(cancellationToken).ConfigureAwait(false))
            .Any(one => one.Definition.Name == ScheduleStore.Name);

    private static ScheduleInfo Show(string name, ScheduleRecord record) => new(
        name, record.Cron, record.TimeZone, record.IsPaused, record.Time, record.LastTime, record.LastRunAt, record.Error);
}
