using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>Runs schedules: a consumer of what is decided about them, which sends the commands of those that are
/// due.</summary>
internal sealed partial class ScheduleProcessor : DueDocumentProcessor
{
    private const int MaxFailures = 5;
    private const string NotInBuild = "It is not in the build that runs.";
    private static readonly RetryBackoff Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), Random.Shared);

    private readonly Dictionary<string, ScheduleDefinition> _definitions;
    private readonly ICommandCatalog _commands;
    private readonly CommandSender _send;
    private readonly ILogger _logger;

    public ScheduleProcessor(
        EventStore store,
        IEnumerable<ScheduleDefinition> definitions,
        ICommandCatalog commands,
        CommandSender send,
        ILogger logger)
        : base(store, ScheduleStore.Collection)
    {
        (_commands, _send, _logger) = (commands, send, logger);
        _definitions = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
    }

    public override EventFilter Filter { get; } =
        EventFilter.OfTypes(
            PlatformEvents.SchedulePaused,
            PlatformEvents.ScheduleResumed,
            PlatformEvents.ScheduleAsked,
            PlatformEvents.ScheduleAdded,
            PlatformEvents.ScheduleEdited,
            PlatformEvents.ScheduleRestored,
            PlatformEvents.ScheduleReset);

    public override bool BeginsAtEnd => true;

    public override async ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        foreach (var definition in _definitions.Values)
            await Define(definition, cancellationToken).ConfigureAwait(false);
        await Undefine(cancellationToken).ConfigureAwait(false);
        ScanNow();
    }

    /// <summary>Brings what is stored to what this build says; what has not changed keeps the time that it is
    /// due.</summary>
    private async ValueTask Define(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await Store
                .Storage.Documents.Get(ScheduleStore.Name, definition.Name, cancellationToken)
                .ConfigureAwait(false);
            var before = found is null ? null : ScheduleStore.Read(found);
            if (FormOf(definition, before) is not { } after || after == before)
                return;
            var isNew = (before?.Cron, before?.TimeZone, before?.Time) != (after.Cron, after.TimeZone, after.Time);
            var note = new TimerNote { Due = after.Due };
            var type = isNew ? PlatformEvents.ScheduleDefined : null;
            if (await TrySave(definition.Name, after, found?.Version ?? 0, type, note, cancellationToken)
                    .ConfigureAwait(false))
                return;
        } // Each time another change of it was made.
    }

    /// <summary>Tells at once of what this build has no more, and not when it is due, which may be never.</summary>
    private async ValueTask Undefine(CancellationToken cancellationToken)
    {
        DocumentCursor? after = null;
        do
        {
            var query = new DocumentQuery { Collection = ScheduleStore.Name, After = after, Limit = 1_000 };
            var page = await Store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents.Where(document => !_definitions.ContainsKey(document.Key)))
                await Undefine(document, cancellationToken).ConfigureAwait(false);
            after = page.Next;
        }
        while (after is not null);
    }

    private async ValueTask Undefine(Document document, CancellationToken cancellationToken)
    {
        for (var found = document; found is not null;)
        {
            var before = ScheduleStore.Read(found);
            var after = WithoutCode(found.Key, before);
            if (after == before)
                return;
            var note = new TimerNote();
            if (await TrySave(found.Key, after, found.Version, null, note, cancellationToken).ConfigureAwait(false))
            {
                if (after.IsGone && !before.IsGone)
                    Log.Stopped(_logger, found.Key, after.Error!); // It says that it is gone.
                return;
            }
            found = await Store
                .Storage.Documents.Get(ScheduleStore.Name, found.Key, cancellationToken)
                .ConfigureAwait(false);
        } // Each time another change of it was made.
    }

    /// <summary>
    /// A schedule that this build does not have. Its time stays until it is due: where builds take turns, one that has
    /// it goes on with that.
    /// </summary>
    private ScheduleRecord WithoutCode(string name, ScheduleRecord before)
    {
        var after = before with { Code = null };
        if (before.IsGone)
            return after;
        if (before is not { IsAdded: true, Removed: null })
            return after with { IsGone = true, Error = NotInBuild };
        if (FindRefused(name, after) is { } refused)
            return refused;
        if (before.Due is not null || before.IsPaused)
            return after;
        return after.TryFormed(Store.Time.GetUtcNow()) ?? after; // A node that does not have its zone had stopped it.
    }

    /// <summary>A schedule with the form that this build gives it; null where this machine does not have its
    /// zone.</summary>
    private ScheduleRecord? FormOf(ScheduleDefinition definition, ScheduleRecord? before)
    {
        var coded = (before ?? ScheduleRecord.Of(definition.Form)) with { Code = definition.Form };
        if (coded.IsGone)
            coded = coded with { IsGone = false, Error = null };
        if (FindRefused(definition.Name, coded) is { } refused)
            return refused;
        try
        {
            return coded.Formed(Store.Time.GetUtcNow(), definition.TimeZone);
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            Log.CannotForm(_logger, definition.Name, exception);
            return null; // When it is due it is told; the others run.
        }
    }

    /// <summary>
    /// A schedule whose stored cron expression this build refuses, without a time and with the reason as its error;
    /// null for any other. An earlier build accepted it, so it does not stop the schedules of the node.
    /// </summary>
    private ScheduleRecord? FindRefused(string name, ScheduleRecord record)
    {
        var refused = record.Refused();
        if (refused is { Error: { } error, Removed: null })
            Log.Stopped(_logger, name, error);
        return refused;
    }

    protected override async Task<DateTimeOffset?> ProcessDocument(
        Document document, CancellationToken cancellationToken)
    {
        await Send(document, cancellationToken).ConfigureAwait(false);
        return DueDocumentScheduler.ScanAgain; // Others may have moved it meanwhile.
    }

    /// <summary>Sends the command of a time; that it has run, and the next time, are in the commit of the
    /// command.</summary>
    private async Task Send(Document document, CancellationToken cancellationToken)
    {
        var (stored, now) = (ScheduleStore.Read(document), Store.Time.GetUtcNow());
        var coded = _definitions.GetValueOrDefault(document.Key);
        var record = stored with { Code = coded?.Form, IsGone = stored.IsGone && coded is null };
        if (await TryForm(document, record, coded, cancellationToken).ConfigureAwait(false) is not { } definition)
            return;
        if (record.Time is not { } time)
        {
            // Who decided could not tell it.
            var first = definition.NextAfter(record.LastTime > now ? record.LastTime.Value : now);
            var timed = record with { Due = first, Time = first };
            await Save(document.Key, timed, document.Version, null, new TimerNote(), cancellationToken)
                .ConfigureAwait(false);
            return;
        }
        if (record.PassesOver(time, now, definition.Missed))
        {
            var next = (definition.NextAfter(now), (DateTimeOffset[])[]);
            await Finish(document, record, next, PlatformEvents.SchedulePassed, null, cancellationToken)
                .ConfigureAwait(false);
            return;
        }
        try
        {
            var command = definition.Command(time);
            var type = command.GetType();
            var known = _commands.FindCommand(type) ?? throw new HandlerNotFoundException(type);
            await _send(known, command, OptionsOf(document, record, definition, time, now), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (DocumentConflictException conflict)
            when (conflict.Collection == ScheduleStore.Name && conflict.Key == document.Key)
        {
            // It was paused, edited or asked for meanwhile.
            await HandleConflict(document.Key, record, definition, time, now, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested
                && (
                    CommandRefusal.Is(exception)
                    || FailurePolicy.Default.ClassOf(exception, isPure: false) != FailureClass.System))
        {
            await Failed(document, record, definition, time, now, exception, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A schedule as it is run: by the code, with what a person decided over it. What cannot be run has no time any
    /// more.
    /// </summary>
    private async ValueTask<ScheduleDefinition?> TryForm(
        Document document, ScheduleRecord record, ScheduleDefinition? coded, CancellationToken cancellationToken)
    {
        if (coded is null && !record.IsAdded)
        {
            await Stop(document, record with { IsGone = true }, NotInBuild, cancellationToken).ConfigureAwait(false);
            return null;
        }
        if (record.Edit is not { } edit)
            return coded;
        var form = edit.Over(coded?.Form ?? record.ToForm());
        try
        {
            var zone =
                coded?.TimeZone.Id == form.TimeZone
                    ? coded.TimeZone
                    : TimeZoneInfo.FindSystemTimeZoneById(form.TimeZone);
            Func<DateTimeOffset, object> command = edit is { Command: { } name, Body: { } body }
                ? _ => StoredCommand.Read(_commands, name, body).Command
                : coded!.Command; // What was added has its own.
            return new ScheduleDefinition(document.Key, form.Cron, command, zone, form.Missed, form.Overlapping);
        }
        catch (Exception exception)
            when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or FormatException)
        {
            await Stop(document, record, exception.Message, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    private Task Stop(Document document, ScheduleRecord record, string error, CancellationToken cancellationToken)
    {
        Log.Stopped(_logger, document.Key, error);
        var after = record with { Due = null, Time = null, Error = error };
        return Save(document.Key, after, document.Version, null, new TimerNote(), cancellationToken);
    }

    protected override void LogFailure(Exception exception) => Log.CannotRun(_logger, exception);

    private SendOptions OptionsOf(
        Document document,
        ScheduleRecord record,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset begun)
    {
        var stream = ScheduleStore.StreamOf(document.Key);
        var ticks = time.UtcTicks.ToString(CultureInfo.InvariantCulture);
        var commandId = record.Edit?.CommandId is { } setting // Another command is no repetition of the one before it.
            ? CommandIds.Of("schedule", document.Key, ticks, setting.ToString())
            : CommandIds.Of("schedule", document.Key, ticks);
        return new SendOptions
        {
            Metadata = record.Edit?.CommandBy is { } by ? new EventMetadata { UserId = by } : null,
            Enlistment = new CommandEnlistment(commandId, stream, request =>
            {
                var now = Store.Time.GetUtcNow();
                var after = record.Done(NextBehind(record, definition, time, begun, now), now) with
                {
                    LastTime = time,
                    LastRunAt = begun,
                    Error = null,
                };
                var note = new TimerNote { DueBefore = time, Due = after.Due };
                ScheduleStore.AddTo(request, document.Key, after, document.Version, PlatformEvents.ScheduleRun, note);
            }),
        };
    }

    /// <summary>The times that came while it was run wait also where the run came to nothing, because it was changed
    /// meanwhile.</summary>
    private async Task HandleConflict(
        string name, ScheduleRecord run, ScheduleDefinition definition, DateTimeOffset time, DateTimeOffset begun,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await Store
                .Storage.Documents.Get(ScheduleStore.Name, name, cancellationToken)
                .ConfigureAwait(false);
            if (found is null || ScheduleStore.Read(found) is not { Due: not null } before)
                return;
            if (before.Time != time && before.Queued?.Contains(time) != true)
                return; // It will not be run for that time again.
            // It was not missed, though it is late now.
            var after = before.Time == time ? before with { MustRun = true } : before;
            if ((before.Cron, before.TimeZone, before.Overlapping) == (run.Cron, run.TimeZone, run.Overlapping))
                after = WithWaiting(after, definition, Since(run, begun), Store.Time.GetUtcNow());
            if (after == before)
                return;
            if (await TrySave(name, after, found.Version, null, new TimerNote(), cancellationToken)
                    .ConfigureAwait(false))
                return;
        } // Each time another change of it was made.
    }

    private static (DateTimeOffset? Next, DateTimeOffset[] Queued) NextBehind(
        ScheduleRecord record,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset begun,
        DateTimeOffset done) => definition.NextBehind(time, record.Queued ?? [], Since(record, begun), begun, done);

    /// <summary>A schedule whose run goes on with another try: what came due until now waits.</summary>
    private static ScheduleRecord WithWaiting(
        ScheduleRecord record, ScheduleDefinition definition, DateTimeOffset since, DateTimeOffset now)
    {
        if (definition.Overlapping != OverlappingRuns.Queue || record.IsPaused)
            return record;
        var waiting = definition.Waiting(record.Queued ?? [], since, now);
        return record with { Queued = waiting.Length == 0 ? null : waiting, QueuedUntil = now };
    }

    /// <summary>
    /// Since when times that come wait for a run. What comes between two tries of it does, unless nobody was there to
    /// try it again.
    /// </summary>
    private static DateTimeOffset Since(ScheduleRecord record, DateTimeOffset begun)
    {
        if (record.QueuedUntil is not { } until)
            return begun;
        var expected = record.Due > until ? record.Due.Value : until;
        return begun - expected > ScheduleDefinition.Grace ? begun : until;
    }

    /// <summary>Has it tried again after a pause, or goes on with the next time.</summary>
    private async Task Failed(
        Document document,
        ScheduleRecord record,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset begun,
        Exception exception,
        CancellationToken cancellationToken)
    {
        var (failures, error) = (record.Failures + 1, $"{exception.GetType().Name}: {exception.Message}");
        if (CommandRefusal.Is(exception)
            || exception is HandlerNotFoundException or NotSupportedException
            || failures >= MaxFailures)
        {
            Log.Failed(_logger, document.Key, time, failures, exception);
            var next = NextBehind(record, definition, time, begun, Store.Time.GetUtcNow());
            if (!await Finish(document, record, next, PlatformEvents.ScheduleFailed, error, cancellationToken)
                    .ConfigureAwait(false))
                await HandleConflict(document.Key, record, definition, time, begun, cancellationToken)
                    .ConfigureAwait(false);
            return;
        }
        var now = Store.Time.GetUtcNow();
        var again = WithWaiting(record, definition, Since(record, begun), now) with
        {
            Failures = failures,
            Error = error,
            Due = now + Pauses.DelayAfter(failures),
        };
        if (!await TrySave(document.Key, again, document.Version, null, new TimerNote(), cancellationToken)
                .ConfigureAwait(false))
            await HandleConflict(document.Key, record, definition, time, begun, cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>Whether it is done with that time; false where it was changed meanwhile.</summary>
    private Task<bool> Finish(
        Document document, ScheduleRecord record, (DateTimeOffset? Time, DateTimeOffset[] Queued) next, string type,
        string? error, CancellationToken cancellationToken)
    {
        var after = record.Done(next, Store.Time.GetUtcNow()) with { Error = error ?? record.Error };
        var note = new TimerNote { DueBefore = record.Time, Due = after.Due, Reason = error };
        return TrySave(document.Key, after, document.Version, type, note, cancellationToken);
    }

    private async Task Save(
        string name,
        ScheduleRecord record,
        long fromVersion,
        string? type,
        TimerNote note,
        CancellationToken cancellationToken
    // Who was faster has decided.
    ) => await TrySave(name, record, fromVersion, type, note, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether it was saved; false where it was changed meanwhile.</summary>
    private async Task<bool> TrySave(
        string name,
        ScheduleRecord record,
        long fromVersion,
        string? type,
        TimerNote note,
        CancellationToken cancellationToken)
    {
        var request = ScheduleStore.AddTo(new AppendRequest(), name, record, fromVersion, type, note);
        var outcome = await Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null and not DocumentConflictException)
            throw outcome.Refusal;
        return outcome.Refusal is null;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 6011,
            Level = LogLevel.Error,
            Message = "Schedule {Schedule} did not run for {Time}: it failed {Failures} times, and goes on with the "
                + "next time."
        )]
        public static partial void Failed(
            ILogger logger, string schedule, DateTimeOffset time, int failures, Exception exception);

        [LoggerMessage(
            EventId = 6012, Level = LogLevel.Warning, Message = "Schedules that are due cannot be run; trying again.")]
        public static partial void CannotRun(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 6013, Level = LogLevel.Warning, Message = "Schedule {Schedule} has no time any more: {Problem}")]
        public static partial void Stopped(ILogger logger, string schedule, string problem);

        [LoggerMessage(
            EventId = 6014,
            Level = LogLevel.Warning,
            Message = "Schedule {Schedule} cannot be brought to what the code says.")]
        public static partial void CannotForm(ILogger logger, string schedule, Exception exception);
    }
}
