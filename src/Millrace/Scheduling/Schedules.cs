using Millrace.Commands;
using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Lists, adds, edits, removes, pauses, resumes, runs and cancels the schedules of a store, on all its nodes. This
/// class is thread-safe.
/// </summary>
/// <remarks>
/// The application defines schedules (<c>AddSchedule</c>), or adds them at run time. For each time, one node runs the
/// schedule once, because one commit stores the effect of the command and the next time. A user's changes are stored.
/// They override the code, also of a later build, until they are reset. Nodes run the stored definition, so no node
/// runs an earlier definition after an edit has returned. Runs and changes are recorded in the stream
/// <c>$schedule-NAME</c>.
/// </remarks>
public sealed class Schedules
{
    private const string RemovedFromCode = "The code does not define it any more.";

    private readonly EventStore _store;
    private readonly ScheduleWriter _writer;
    private readonly ScheduleEditor _editor;

    internal Schedules(EventStore store, ICommandCatalog? commands)
    {
        _store = store;
        _writer = new ScheduleWriter(store);
        _editor = new ScheduleEditor(commands);
    }

    /// <summary>Returns the schedules of a store, for tools that do not run schedules.</summary>
    public static Schedules Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Schedules(store, null);
    }

    /// <summary>
    /// Returns all schedules, ordered by name. Includes schedules that the code defines and a user removed.
    /// </summary>
    public async ValueTask<IReadOnlyList<ScheduleInfo>> List(CancellationToken cancellationToken = default)
    {
        var found = new List<ScheduleInfo>();
        DocumentCursor? after = null;
        do
        {
            if (!await HasCollection(cancellationToken).ConfigureAwait(false))
                return found;
            var query = new DocumentQuery { Collection = ScheduleStore.Name, After = after, Limit = 1_000 };
            var page = await _store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            found.AddRange(page.Documents.Select(document => InfoOf(document.Key, ScheduleStore.Read(document))));
            after = page.Next;
        }
        while (after is not null);
        return found;
    }

    /// <summary>Returns a schedule, or null if no schedule has that name.</summary>
    public async ValueTask<ScheduleInfo?> Find(string name, CancellationToken cancellationToken = default)
    {
        var found = await FindDocument(name, cancellationToken).ConfigureAwait(false);
        return found is null ? null : InfoOf(name, ScheduleStore.Read(found));
    }

    /// <summary>Returns the runs and changes of a schedule, oldest entry first.</summary>
    public ValueTask<IReadOnlyList<TimerEntry>> History(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return TimerStore.ReadHistory(_store, ScheduleStore.StreamOf(name), cancellationToken);
    }

    /// <summary>Pauses a schedule until it is resumed. A current run is finished.</summary>
    /// <param name="name">The name of the schedule.</param>
    /// <param name="by">The user that makes the change. The name is stored with the change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ScheduleNotFoundException">No schedule has that name.</exception>
    /// <exception cref="ScheduleRefusedException">The schedule is removed, or no longer in the code.</exception>
    public Task<ScheduleInfo> Pause(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.SchedulePaused, by,
            static (record, _) => record.WithoutTime() with { IsPaused = true }, cancellationToken);

    /// <summary>
    /// Resumes a paused schedule with its next time. The schedule does not run for times in the past.
    /// </summary>
    /// <inheritdoc cref="Pause"/>
    public Task<ScheduleInfo> Resume(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name,
            PlatformEvents.ScheduleResumed,
            by,
            static (record, now) => record.IsPaused
                ? (record with { IsPaused = false, Due = null, MustRun = false }).ResolvedAnywhere(now)
                : record,
            cancellationToken);

    /// <summary>Runs a schedule now, even if it is paused. Its other times do not change.</summary>
    /// <inheritdoc cref="Pause"/>
    public Task<ScheduleInfo> Run(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.ScheduleAsked, by, static (record, now) =>
                record.WithRequestedRun(now), cancellationToken);

    /// <summary>Cancels the next run of a schedule. It continues with the time after that.</summary>
    /// <inheritdoc cref="Pause"/>
    /// <returns>The schedule after the change. It is unchanged if it has no next run, because it is paused or the
    /// expression matches no future time.</returns>
    public Task<ScheduleInfo> Cancel(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.SchedulePassed, by,
            static (record, _) => record.Time is { } time ? record.WithNextSkipped(time) : record, cancellationToken);

    /// <summary>Edits a schedule. The edit overrides the code; properties that the edit leaves out do not
    /// change.</summary>
    /// <remarks>
    /// An edit is stored. It applies until the schedule is edited again or reset, even if the code changes. Properties
    /// that were never edited follow the code. If the cron expression or time zone changes, the schedule continues with
    /// the next of the new times. If the code no longer defines the schedule, it does not run. The edit applies again
    /// if the code defines the schedule again.
    /// </remarks>
    /// <param name="name">The name of the schedule.</param>
    /// <param name="edit">The properties to change.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ScheduleNotFoundException">No schedule has that name.</exception>
    /// <exception cref="ScheduleRefusedException">The schedule is removed, or no longer in the code.</exception>
    /// <exception cref="InvalidValueException">The cron expression or the time zone is invalid, or no time would be
    /// left. The schedule is unchanged.</exception>
    /// <exception cref="InvalidCommandException">No command has that name, its JSON cannot be read, or its validation
    /// refuses it. The schedule is unchanged.</exception>
    /// <exception cref="AccessDeniedException">The user may not send the command. The schedule is
    /// unchanged.</exception>
    /// <exception cref="InvalidOperationException">The edit names a command, and this tool does not know the
    /// application's commands.</exception>
    /// <exception cref="ArgumentException">The edit changes nothing.</exception>
    public Task<ScheduleInfo> Edit(string name, ScheduleEdit edit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (edit.IsEmpty)
            throw new ArgumentException("The edit changes nothing.", nameof(edit));
        return Change(
            name,
            PlatformEvents.ScheduleEdited,
            edit.By,
            edit.Reason,
            (record, now) => ScheduleEditor.Validate(
                record with { Edit = _editor.Merge(name, record.Edit, edit, now) }, now),
            cancellationToken,
            after => _editor.CheckAccess(after, edit, cancellationToken));
    }

    /// <summary>Edits the command of a schedule. The schedule then sends the same command each time.</summary>
    /// <inheritdoc cref="Edit(string, ScheduleEdit, CancellationToken)"/>
    /// <param name="name">The name of the schedule.</param>
    /// <param name="command">The command.</param>
    /// <param name="edit">Further changes, and the user and reason to record; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task<ScheduleInfo> Edit<TResult>(
        string name,
        ICommand<TResult> command,
        ScheduleEdit? edit = null,
        CancellationToken cancellationToken = default) =>
        Edit(name, _editor.WithCommand(command, edit), cancellationToken);

    /// <summary>Adds a schedule at run time. It is stored, and runs until it is removed.</summary>
    /// <remarks>If the code later defines a schedule with that name, the added schedule overrides the code until the
    /// schedule is reset.</remarks>
    /// <param name="name">A stable name: lower case letters, digits and dashes.</param>
    /// <param name="schedule">The cron expression and the command, which are required, and further properties.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="InvalidNameException">The name is invalid.</exception>
    /// <exception cref="ScheduleRefusedException">A schedule of that name exists, or the application runs no schedules:
    /// call <c>AddSchedules</c>.</exception>
    /// <exception cref="InvalidValueException">The cron expression or the time zone is invalid, or no time would be
    /// left.</exception>
    /// <exception cref="InvalidCommandException">No command has that name, its JSON cannot be read, or its validation
    /// refuses it.</exception>
    /// <exception cref="AccessDeniedException">The user may not send the command.</exception>
    /// <exception cref="InvalidOperationException">This tool does not know the application's commands.</exception>
    /// <exception cref="ArgumentException">The cron expression or the command is missing.</exception>
    public async Task<ScheduleInfo> Add(
        string name, ScheduleEdit schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("schedule", name, problem);
        if (schedule.Cron is not { } cron || schedule.Command is null)
            throw new ArgumentException(
                "An added schedule needs a cron expression and a command.", nameof(schedule));
        if (!await HasCollection(cancellationToken).ConfigureAwait(false))
            throw new ScheduleRefusedException(
                name, "No node of the application runs schedules: its code calls no AddSchedules.");
        var form = new ScheduleForm(
            cron, schedule.TimeZone ?? TimeZoneInfo.Utc.Id, schedule.Missed ?? MissedRuns.Once,
            schedule.Overlapping ?? OverlappingRuns.Skip);
        var complete = schedule with { TimeZone = form.TimeZone, Missed = form.Missed, Overlapping = form.Overlapping };
        var found = await FindDocument(name, cancellationToken).ConfigureAwait(false);
        if (found is not null && !ScheduleStore.Read(found).IsGone)
            throw Exists();
        var now = _store.Time.GetUtcNow();
        var edit = _editor.Merge(name, null, complete, now);
        var record = ScheduleEditor.Validate(ScheduleRecord.Of(form) with { IsAdded = true, Edit = edit }, now);
        await _editor.CheckAccess(record, complete, cancellationToken).ConfigureAwait(false);
        var note = ScheduleEditor.NoteOf(null, record, schedule.By, schedule.Reason);
        var isSaved = await _writer
            .TrySave(name, record, found?.Version ?? 0, PlatformEvents.ScheduleAdded, note, cancellationToken)
            .ConfigureAwait(false);
        return isSaved ? InfoOf(name, record) : throw Exists();

        ScheduleRefusedException Exists() =>
            new(name, "A schedule of that name exists: edit it, or choose another name.");
    }

    /// <summary>Adds a schedule at run time.</summary>
    /// <inheritdoc cref="Add(string, ScheduleEdit, CancellationToken)"/>
    /// <param name="name">A stable name: lower case letters, digits and dashes.</param>
    /// <param name="cron">The cron expression, in the format of <c>AddSchedule</c>.</param>
    /// <param name="command">The command, which is sent each time.</param>
    /// <param name="schedule">The time zone and the rules, and the user and reason to record; null for the
    /// defaults.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public Task<ScheduleInfo> Add<TResult>(
        string name, string cron, ICommand<TResult> command, ScheduleEdit? schedule = null,
        CancellationToken cancellationToken = default) =>
        Add(name, _editor.WithCommand(command, schedule) with { Cron = cron }, cancellationToken);

    /// <summary>
    /// Removes a schedule, so that it no longer runs. Deletes a schedule that was added at run time or that the code no
    /// longer defines. A schedule that the code defines is listed as removed until it is restored, also after a
    /// deployment.
    /// </summary>
    /// <param name="name">The name of the schedule.</param>
    /// <param name="by">The user that makes the change. The name is stored with the change.</param>
    /// <param name="reason">The reason, which is stored with the change. Null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The removed or deleted schedule, without a next time.</returns>
    /// <exception cref="ScheduleNotFoundException">No schedule has that name.</exception>
    public Task<ScheduleInfo> Remove(
        string name,
        string? by = null,
        string? reason = null,
        CancellationToken cancellationToken = default) =>
        Change(
            name,
            PlatformEvents.ScheduleRemoved,
            by,
            reason,
            (record, now) =>
                record.Removed is not null && !record.IsWithoutCode()
                    ? record
                    : record.WithoutTime() with { Removed = new ScheduleDecision(by, reason, now) },
            cancellationToken);

    /// <summary>Restores a removed schedule with its edits. It is paused if it was paused before.</summary>
    /// <exception cref="ScheduleNotFoundException">No schedule has that name.</exception>
    /// <exception cref="ScheduleRefusedException">The schedule is not removed.</exception>
    /// <inheritdoc cref="Remove"/>
    /// <returns>The schedule after the change.</returns>
    public Task<ScheduleInfo> Restore(
        string name, string? by = null, string? reason = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.ScheduleRestored, by, reason,
            (record, now) => record switch
            {
                { Removed: null } => throw new ScheduleRefusedException(name, "It is not removed."),
                { IsGone: true, IsAdded: false } => throw new ScheduleRefusedException(name, RemovedFromCode),
                _ => (record with { Removed = null, IsGone = false }).ResolvedAnywhere(now),
            },
            cancellationToken);

    /// <summary>
    /// Resets a schedule to its definition in the code. Removes its edits, and restores the schedule if it was removed.
    /// </summary>
    /// <exception cref="ScheduleNotFoundException">No schedule has that name.</exception>
    /// <exception cref="ScheduleRefusedException">The code does not define the schedule.</exception>
    /// <inheritdoc cref="Remove"/>
    /// <returns>The schedule after the change.</returns>
    public Task<ScheduleInfo> Reset(
        string name, string? by = null, string? reason = null, CancellationToken cancellationToken = default) =>
        Change(
            name,
            PlatformEvents.ScheduleReset,
            by,
            reason,
            (record, now) =>
                record switch
                {
                    { Code: null } when record.Edit is not null || record.Removed is not null || record.IsGone =>
                        throw new ScheduleRefusedException(name, "The code does not define it, so it cannot be reset."),
                    { Edit: null, Removed: null } => record,
                    _ => (record with { Edit = null, Removed = null, IsAdded = false }).ResolvedAnywhere(now),
                },
            cancellationToken);

    private Task<ScheduleInfo> Change(
        string name, string type, string? by, Func<ScheduleRecord, DateTimeOffset, ScheduleRecord> change,
        CancellationToken cancellationToken) =>
        Change(name, type, by, null, change, cancellationToken);

    private async Task<ScheduleInfo> Change(
        string name,
        string type,
        string? by,
        string? reason,
        Func<ScheduleRecord, DateTimeOffset, ScheduleRecord> change,
        CancellationToken cancellationToken,
        Func<ScheduleRecord, ValueTask>? check = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        while (true)
        {
            var found = await FindDocument(name, cancellationToken).ConfigureAwait(false);
            var before = ScheduleStore.Read(found ?? throw new ScheduleNotFoundException(name));
            if (!IsAllowed(type, before))
                throw new ScheduleRefusedException(
                    name, before.IsGone ? RemovedFromCode : "It is removed: restore it first.");
            var after = change(before, _store.Time.GetUtcNow());
            if (ReferenceEquals(after, before))
                return InfoOf(name, before);
            if (check is not null)
                await check(after).ConfigureAwait(false);
            var isDeleted = after.Removed is not null && after.IsWithoutCode();
            var note = ScheduleEditor.NoteOf(before, after, by, reason);
            var isSaved = await _writer
                .TrySave(name, isDeleted ? null : after, found.Version, type, note, cancellationToken)
                .ConfigureAwait(false);
            if (isSaved)
                return InfoOf(name, after);
            cancellationToken.ThrowIfCancellationRequested(); // The schedule ran or was changed: try again.
        }
    }

    /// <summary>Returns true if the schedule runs, or if the change removes, restores or resets it.</summary>
    private static bool IsAllowed(string type, ScheduleRecord before) => before is { Removed: null, IsGone: false }
        || type is PlatformEvents.ScheduleRemoved or PlatformEvents.ScheduleRestored or PlatformEvents.ScheduleReset;

    private async ValueTask<Document?> FindDocument(string name, CancellationToken cancellationToken) =>
        await HasCollection(cancellationToken).ConfigureAwait(false)
            ? await _store.Storage.Documents.Get(ScheduleStore.Name, name, cancellationToken).ConfigureAwait(false)
            : null;

    private ValueTask<bool> HasCollection(CancellationToken cancellationToken) =>
        _store.Storage.Documents.HasCollection(ScheduleStore.Name, cancellationToken);

    private static ScheduleInfo InfoOf(string name, ScheduleRecord record) =>
        new(
            name,
            record.Cron,
            record.TimeZone,
            record.IsPaused,
            record.IsGone ? null : record.Time,
            record.LastTime,
            record.LastRunAt,
            record.Error ?? CronExpression.FindProblem(record.Cron))
        {
            Missed = record.Missed,
            Overlapping = record.Overlapping,
            Command = record.Edit?.Command,
            Body = record.Edit?.Body,
            Code = record.Code,
            IsAdded = record.IsAdded,
            Edited = record.Edit?.Decision,
            Removed = record.Removed,
        };
}
