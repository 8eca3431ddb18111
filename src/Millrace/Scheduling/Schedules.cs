using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The schedules of a store, on all nodes: looked at, added, edited, removed, paused, resumed, run and cancelled. Safe
/// to use from several threads.
/// </summary>
/// <remarks>
/// Schedules are defined by the application (<c>AddSchedule</c>), or added at run time. Each time is run by one node,
/// once: the command and the next time are one commit. What a person decides is stored, and wins over the code until it
/// is reset, also over that of a later build. Nodes run what is stored, so that nothing is run by an earlier form once
/// an edit has returned. Runs and decisions stand in the stream <c>$schedule-NAME</c>.
/// </remarks>
public sealed class Schedules
{
    private const string RemovedFromCode = "The code has it no more.";

    private readonly EventStore _store;
    private readonly ICommandCatalog? _commands;

    internal Schedules(EventStore store, ICommandCatalog? commands) => (_store, _commands) = (store, commands);

    /// <summary>The schedules of a store, for tools that run none themselves.</summary>
    public static Schedules Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Schedules(store, null);
    }

    /// <summary>All schedules, in the order of their names; also those that were removed from what the code
    /// defines.</summary>
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
    /// <exception cref="ScheduleRefusedException">It is removed, or the code has it no more.</exception>
    public Task<ScheduleInfo> Pause(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.SchedulePaused, by,
            static (record, _) => record.Untimed() with { IsPaused = true }, cancellationToken);

    /// <summary>Has a paused schedule go on with the next time that comes; those that have passed are not made up
    /// for.</summary>
    /// <inheritdoc cref="Pause"/>
    public Task<ScheduleInfo> Resume(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(name, PlatformEvents.ScheduleResumed, by, static (record, now) =>
        {
            return record.IsPaused
                ? (record with { IsPaused = false, Due = null, MustRun = false }).FormedAnywhere(now)
                : record;
        }, cancellationToken);

    /// <summary>Has a schedule run now, also while it is paused; its other times stay.</summary>
    /// <inheritdoc cref="Pause"/>
    public Task<ScheduleInfo> Run(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.ScheduleAsked, by, static (record, now) => record.Asked(now), cancellationToken);

    /// <summary>Cancels the next run of a schedule: that time is passed over, and it goes on with the one behind
    /// it.</summary>
    /// <inheritdoc cref="Pause"/>
    /// <returns>The schedule as it stands then; as it stood where no run is ahead, because it is paused or has no time
    /// left.</returns>
    public Task<ScheduleInfo> Cancel(string name, string? by = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.SchedulePassed, by,
            static (record, _) => record.Time is { } time ? record.Passed(time) : record, cancellationToken);

    /// <summary>Has a schedule be otherwise than the code says, or than it was added; what the edit leaves out stays as
    /// it is.</summary>
    /// <remarks>
    /// An edit is stored and stands until it is edited again or reset, also when the code changes; what was never
    /// edited follows the code. With another cron or zone it goes on with the next of these times. When the code has
    /// the schedule no more, it runs no more, and the edit holds again when it has.
    /// </remarks>
    /// <param name="name">Its name.</param>
    /// <param name="edit">What is to be otherwise.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ScheduleNotFoundException">There is none.</exception>
    /// <exception cref="ScheduleRefusedException">It is removed, or the code has it no more.</exception>
    /// <exception cref="InvalidValueException">Cron or zone are none, or no time would be left. Nothing was
    /// changed.</exception>
    /// <exception cref="InvalidCommandException">There is no command of that name, its JSON does not read, or its
    /// validation refuses it. Nothing was changed.</exception>
    /// <exception cref="AccessDeniedException">Whom it is for may not send the command. Nothing was
    /// changed.</exception>
    /// <exception cref="InvalidOperationException">A command is told, and this tool does not know the
    /// application's.</exception>
    /// <exception cref="ArgumentException">The edit says nothing that is to be otherwise.</exception>
    public Task<ScheduleInfo> Edit(string name, ScheduleEdit edit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (edit.IsEmpty)
            throw new ArgumentException("It says nothing that is to be otherwise.", nameof(edit));
        return Change(
            name,
            PlatformEvents.ScheduleEdited,
            edit.By,
            edit.Reason,
            (record, now) => Checked(record with { Edit = EditOf(name, record.Edit, edit, now) }, now),
            cancellationToken,
            after => Demand(after, edit, cancellationToken));
    }

    /// <summary>Has a schedule send another command, the same for each time.</summary>
    /// <inheritdoc cref="Edit(string, ScheduleEdit, CancellationToken)"/>
    /// <param name="name">Its name.</param>
    /// <param name="command">The command.</param>
    /// <param name="edit">What is to be otherwise besides, by whom and why; null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ScheduleInfo> Edit<TResult>(
        string name,
        ICommand<TResult> command,
        ScheduleEdit? edit = null,
        CancellationToken cancellationToken = default) => Edit(name, Sending(command, edit), cancellationToken);

    /// <summary>Adds a schedule at run time: it stands in the store, and runs until it is removed.</summary>
    /// <remarks>When the code defines one of that name later, what was added wins over it until it is reset.</remarks>
    /// <param name="name">Its stable name: lower case letters, digits and dashes.</param>
    /// <param name="schedule">When it recurs and what it sends, which it must say, and what else.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidNameException">The name is none.</exception>
    /// <exception cref="ScheduleRefusedException">There is one of that name, or the application runs no schedules: call
    /// <c>AddSchedules</c>.</exception>
    /// <exception cref="InvalidValueException">Cron or zone are none, or no time would be left.</exception>
    /// <exception cref="InvalidCommandException">There is no command of that name, its JSON does not read, or its
    /// validation refuses it.
    /// </exception>
    /// <exception cref="AccessDeniedException">Whom it is for may not send the command.</exception>
    /// <exception cref="InvalidOperationException">This tool does not know the application's commands.</exception>
    /// <exception cref="ArgumentException">It does not say when it recurs, or what it sends.</exception>
    public async Task<ScheduleInfo> Add(
        string name, ScheduleEdit schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (ConsumerDefinition.NameProblem(name) is { } problem)
            throw new InvalidNameException("schedule", name, problem);
        if (schedule.Cron is not { } cron || schedule.Command is null)
            throw new ArgumentException(
                "A schedule that is added must say its cron and its command.", nameof(schedule));
        if (!await AreKept(cancellationToken).ConfigureAwait(false))
            throw new ScheduleRefusedException(
                name, "No node of the application runs schedules: its code calls no AddSchedules.");
        var form = new ScheduleForm(
            cron, schedule.TimeZone ?? TimeZoneInfo.Utc.Id, schedule.Missed ?? MissedRuns.Once,
            schedule.Overlapping ?? OverlappingRuns.Skip);
        var whole = schedule with { TimeZone = form.TimeZone, Missed = form.Missed, Overlapping = form.Overlapping };
        var found = await FindDocument(name, cancellationToken).ConfigureAwait(false);
        if (found is not null && !ScheduleStore.Read(found).IsGone)
            throw Exists();
        var now = _store.Time.GetUtcNow();
        var record = Checked(
            ScheduleRecord.Of(form) with
            {
                IsAdded = true,
                Edit = EditOf(name, null, whole, now),
            },
            now);
        await Demand(record, whole, cancellationToken).ConfigureAwait(false);
        var note = NoteOf(null, record, schedule.By, schedule.Reason);
        if (await TrySave(name, record, found?.Version ?? 0, PlatformEvents.ScheduleAdded, note, cancellationToken)
                .ConfigureAwait(false))
            return Show(name, record);
        throw Exists();

        ScheduleRefusedException Exists() => new(name, "There is one of that name: edit it, or take another name.");
    }

    /// <summary>Adds a schedule at run time.</summary>
    /// <inheritdoc cref="Add(string, ScheduleEdit, CancellationToken)"/>
    /// <param name="name">Its stable name: lower case letters, digits and dashes.</param>
    /// <param name="cron">When it recurs, as <c>AddSchedule</c> takes it.</param>
    /// <param name="command">The command, the same for each time.</param>
    /// <param name="schedule">Its zone and its rules, by whom and why; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ScheduleInfo> Add<TResult>(
        string name, string cron, ICommand<TResult> command, ScheduleEdit? schedule = null,
        CancellationToken cancellationToken = default) =>
        Add(name, Sending(command, schedule) with { Cron = cron }, cancellationToken);

    /// <summary>
    /// Removes a schedule: it runs no more. One that was added at run time, or that the code has no more, is gone for
    /// good; one that the code defines is told as removed until it is restored, also after a deployment.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="by">Who does it; recorded.</param>
    /// <param name="reason">Why; recorded, null for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The schedule as it stood last.</returns>
    /// <exception cref="ScheduleNotFoundException">There is none.</exception>
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
                    : record.Untimed() with
                    {
                        Removed = new ScheduleDecision(by, reason, now),
                    },
            cancellationToken);

    /// <summary>Has a schedule that was removed run again, as it was before: edited, and paused where it was.</summary>
    /// <exception cref="ScheduleNotFoundException">There is none.</exception>
    /// <exception cref="ScheduleRefusedException">It is not removed.</exception>
    /// <inheritdoc cref="Remove"/>
    /// <returns>The schedule as it stands then.</returns>
    public Task<ScheduleInfo> Restore(
        string name, string? by = null, string? reason = null, CancellationToken cancellationToken = default) =>
        Change(
            name, PlatformEvents.ScheduleRestored, by, reason,
            (record, now) => record switch
            {
                { Removed: null } => throw new ScheduleRefusedException(name, "It is not removed."),
                { IsGone: true, IsAdded: false } => throw new ScheduleRefusedException(name, RemovedFromCode),
                _ => (record with { Removed = null, IsGone = false }).FormedAnywhere(now),
            },
            cancellationToken);

    /// <summary>Has a schedule be as the code says again: what was edited holds no more, and one that was removed runs
    /// again.</summary>
    /// <exception cref="ScheduleNotFoundException">There is none.</exception>
    /// <exception cref="ScheduleRefusedException">The code has no such schedule.</exception>
    /// <inheritdoc cref="Remove"/>
    /// <returns>The schedule as it stands then.</returns>
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
                        throw new ScheduleRefusedException(name, "The code has no such schedule that it could be as."),
                    { Edit: null, Removed: null } => record,
                    _ => (record with { Edit = null, Removed = null, IsAdded = false }).FormedAnywhere(now),
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
                return Show(name, before);
            if (check is not null)
                await check(after).ConfigureAwait(false);
            var isForGood = after.Removed is not null && after.IsWithoutCode();
            var note = NoteOf(before, after, by, reason);
            if (await TrySave(name, isForGood ? null : after, found.Version, type, note, cancellationToken)
                    .ConfigureAwait(false))
                return Show(name, after);
            cancellationToken.ThrowIfCancellationRequested(); // It has run meanwhile, or somebody was faster.
        }
    }

    /// <summary>One that runs no more can only be removed, restored or reset.</summary>
    private static bool IsAllowed(string type, ScheduleRecord before) => before is { Removed: null, IsGone: false }
        || type is PlatformEvents.ScheduleRemoved or PlatformEvents.ScheduleRestored or PlatformEvents.ScheduleReset;

    private async Task<bool> TrySave(
        string name,
        ScheduleRecord? record,
        long fromVersion,
        string type,
        TimerNote note,
        CancellationToken cancellationToken)
    {
        var request = ScheduleStore.AddTo(new AppendRequest(), name, record, fromVersion, type, note);
        var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal switch
        {
            null => true,
            DocumentConflictException => false,
            { } refusal => throw refusal,
        };
    }

    /// <summary>What is told of a decision: the form too where that has changed, and the command where it was
    /// edited.</summary>
    private static TimerNote NoteOf(ScheduleRecord? before, ScheduleRecord after, string? by, string? reason)
    {
        var note = new TimerNote { By = by, Reason = reason, Due = after.Due, DueBefore = before?.Due };
        if (ReferenceEquals(before?.Edit, after.Edit))
            return note;
        return note with
        {
            Form = after.ToForm(),
            FormBefore = before?.ToForm(),
            Command = after.Edit?.Command,
            Body = after.Edit?.Body,
        };
    }

    /// <summary>An edit over those before, with a command that was looked at.</summary>
    private ScheduleOverride EditOf(string name, ScheduleOverride? before, ScheduleEdit edit, DateTimeOffset now)
    {
        var merged = (before ?? new ScheduleOverride { Decision = new ScheduleDecision(null, null, now) }).With(
            edit, now);
        if (edit.Command is null && edit.Body is null)
            return merged;
        if (merged.Command is not { } command)
            throw new ScheduleRefusedException(name, "The code makes its command: name the one that the JSON is of.");
        var given = edit.Body ?? (command == before?.Command ? before.Body : null) ?? TimerStore.NoMembers;
        return merged with
        {
            Body = StoredCommand.Check(CommandCatalog, command, given),
            CommandId = Guid.CreateVersion7(now), // Another command has ids of its own.
            CommandBy = edit.By,
        };
    }

    /// <summary>Asks whether who edits may send the command that the edit gives it.</summary>
    private ValueTask Demand(ScheduleRecord after, ScheduleEdit edit, CancellationToken cancellationToken) =>
        (edit.Command is not null || edit.Body is not null) && after.Edit is { Command: { } command, Body: { } body }
            ? StoredCommand.Demand(CommandCatalog, command, body, edit.Access, cancellationToken)
            : ValueTask.CompletedTask;

    /// <summary>A schedule with what was decided, whose times can be told.</summary>
    private static ScheduleRecord Checked(ScheduleRecord record, DateTimeOffset now)
    {
        var form = record.Edit!.Over(record.Code ?? record.ToForm());
        var zone = ScheduleRecord.FindZone(form.TimeZone);
        try
        {
            if (CronExpression.Parse(form.Cron).NextAfter(now, zone) is null)
                throw new InvalidValueException("cron", form.Cron, "no time is left that it tells.");
        }
        catch (FormatException exception)
        {
            throw new InvalidValueException("cron", form.Cron, exception.Message);
        }
        var formed = record.Formed(now);
        return formed.Due is not null && record is { Due: null, IsPaused: false }
            ? formed with
            {
                Error = null,
            }
            : formed;
    }

    private ScheduleEdit Sending<TResult>(ICommand<TResult> command, ScheduleEdit? edit)
    {
        ArgumentNullException.ThrowIfNull(command);
        var (name, body) = StoredCommand.Write(CommandCatalog, command);
        return (edit ?? new ScheduleEdit()) with { Command = name, Body = body };
    }

    private ICommandCatalog CommandCatalog =>
        _commands
        ?? throw new InvalidOperationException(
            "These schedules do not know the application's commands: take those of its ModelCatalog.");

    private async ValueTask<Document?> FindDocument(string name, CancellationToken cancellationToken) =>
        await AreKept(cancellationToken).ConfigureAwait(false)
            ? await _store.Storage.Documents.Get(ScheduleStore.Name, name, cancellationToken).ConfigureAwait(false)
            : null;

    private async ValueTask<bool> AreKept(CancellationToken cancellationToken) =>
        (await _store.Storage.Documents.List(cancellationToken).ConfigureAwait(false))
            .Any(one => one.Definition.Name == ScheduleStore.Name);

    private static ScheduleInfo Show(string name, ScheduleRecord record) =>
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
