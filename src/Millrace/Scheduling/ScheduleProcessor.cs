using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Scheduling;

/// <summary>
/// Runs schedules. Consumes the events that change schedules, and sends the commands of the schedules that are due.
/// </summary>
internal sealed class ScheduleProcessor : DueDocumentProcessor
{
    private const int MaxFailures = 5;
    private static readonly RetryBackoff RetryDelays =
        new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), Random.Shared);

    private readonly Dictionary<string, ScheduleDefinition> _definitions;
    private readonly ICommandCatalog _commands;
    private readonly CommandSender _send;
    private readonly ILogger _logger;
    private readonly ScheduleWriter _writer;
    private readonly ScheduleSynchronizer _synchronizer;

    public ScheduleProcessor(
        EventStore store,
        IEnumerable<ScheduleDefinition> definitions,
        ICommandCatalog commands,
        CommandSender send,
        ILogger logger)
        : base(store, ScheduleStore.Collection)
    {
        _commands = commands;
        _send = send;
        _logger = logger;
        _definitions = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
        _writer = new ScheduleWriter(store);
        _synchronizer = new ScheduleSynchronizer(store, _definitions, _writer, logger);
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
        await _synchronizer.Run(cancellationToken).ConfigureAwait(false);
        ScanNow();
    }

    protected override async Task<DateTimeOffset?> ProcessDocument(
        Document document, CancellationToken cancellationToken)
    {
        await Send(document, cancellationToken).ConfigureAwait(false);
        return DueDocumentScheduler.ScanAgain; // Another node may have changed the time.
    }

    /// <summary>Sends the command for a due time. The commit of the command also stores the run and the next
    /// time.</summary>
    private async Task Send(Document document, CancellationToken cancellationToken)
    {
        var stored = ScheduleStore.Read(document);
        var now = Store.Time.GetUtcNow();
        var codeDefinition = _definitions.GetValueOrDefault(document.Key);
        var record = stored with { Code = codeDefinition?.Form, IsGone = stored.IsGone && codeDefinition is null };
        if (await TryResolve(document, record, codeDefinition, cancellationToken).ConfigureAwait(false)
            is not { } definition)
            return;
        if (record.Time is not { } time)
        {
            // The machine that stored the last change did not have the time zone.
            var first = definition.NextAfter(record.LastTime > now ? record.LastTime.Value : now);
            await Save(document, record with { Due = first, Time = first }, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (record.IsSkipped(time, now, definition.Missed))
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
            var commandDefinition = _commands.FindCommand(type) ?? throw new HandlerNotFoundException(type);
            var options = OptionsOf(document, record, definition, time, now);
            await _send(commandDefinition, command, options, cancellationToken).ConfigureAwait(false);
        }
        catch (DocumentConflictException conflict)
            when (conflict.Collection == ScheduleStore.Name && conflict.Key == document.Key)
        {
            // A user paused, edited or requested the schedule during the run.
            await HandleConflict(document.Key, record, definition, time, now, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (!cancellationToken.IsCancellationRequested
                && (
                    CommandRefusal.Is(exception)
                    || FailurePolicy.Default.ClassOf(exception, isPure: false) != FailureClass.System))
        {
            await HandleFailure(document, record, definition, time, now, exception, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the code's definition with a user's edits. If there is no valid definition, stores the schedule without
    /// a time and returns null.
    /// </summary>
    private async ValueTask<ScheduleDefinition?> TryResolve(
        Document document,
        ScheduleRecord record,
        ScheduleDefinition? codeDefinition,
        CancellationToken cancellationToken)
    {
        if (codeDefinition is null && !record.IsAdded)
        {
            await Stop(document, record with { IsGone = true }, ScheduleSynchronizer.NotInBuild, cancellationToken)
                .ConfigureAwait(false);
            return null;
        }
        if (record.Edit is not { } edit)
            return codeDefinition;
        var form = edit.Over(codeDefinition?.Form ?? record.ToForm());
        try
        {
            var zone =
                codeDefinition?.TimeZone.Id == form.TimeZone
                    ? codeDefinition.TimeZone
                    : TimeZoneInfo.FindSystemTimeZoneById(form.TimeZone);
            Func<DateTimeOffset, object> command = edit is { Command: { } name, Body: { } body }
                ? _ => StoredCommand.Read(_commands, name, body).Command
                : codeDefinition!.Command; // An added schedule always has a stored command.
            return new ScheduleDefinition(document.Key, form.Cron, command, zone, form.Missed, form.Overlapping);
        }
        catch (Exception exception)
            when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or FormatException)
        {
            await Stop(document, record, exception.Message, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    private async Task Stop(
        Document document, ScheduleRecord record, string error, CancellationToken cancellationToken)
    {
        ScheduleLog.Stopped(_logger, document.Key, error);
        var stopped = record with { Due = null, Time = null, Error = error };
        await Save(document, stopped, cancellationToken).ConfigureAwait(false);
    }

    protected override void LogFailure(LoggedFailure failure) =>
        ScheduleLog.CannotRun(_logger, failure.Problem, failure.Omitted, failure.Exception);

    private SendOptions OptionsOf(
        Document document,
        ScheduleRecord record,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset started)
    {
        var stream = ScheduleStore.StreamOf(document.Key);
        var ticks = time.UtcTicks.ToString(CultureInfo.InvariantCulture);
        // An edited command is not a duplicate of the command before it.
        var commandId = record.Edit?.CommandId is { } editId
            ? CommandIds.Of("schedule", document.Key, ticks, editId.ToString())
            : CommandIds.Of("schedule", document.Key, ticks);
        return new SendOptions
        {
            Metadata = record.Edit?.CommandBy is { } by ? new EventMetadata { UserId = by } : null,
            Enlistment = new CommandEnlistment(commandId, stream, request =>
            {
                var now = Store.Time.GetUtcNow();
                var after = record.Completed(NextAfterRun(record, definition, time, started, now), now) with
                {
                    LastTime = time,
                    LastRunAt = started,
                    Error = null,
                };
                var note = new TimerNote { DueBefore = time, Due = after.Due };
                ScheduleStore.AddTo(request, document.Key, after, document.Version, PlatformEvents.ScheduleRun, note);
            })
            {
                Store = Store,
            },
        };
    }

    /// <summary>
    /// Handles a change of the schedule during its run. The run is repeated, and the times that became due during the
    /// run are queued.
    /// </summary>
    private async Task HandleConflict(
        string name,
        ScheduleRecord run,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset started,
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
                return; // The schedule no longer runs for this time.
            // The time was not missed, although it is late now.
            var after = before.Time == time ? before with { MustRun = true } : before;
            if ((before.Cron, before.TimeZone, before.Overlapping) == (run.Cron, run.TimeZone, run.Overlapping))
                after = WithQueued(after, definition, QueuedSince(run, started), Store.Time.GetUtcNow());
            if (after == before)
                return;
            var isSaved = await _writer
                .TrySave(name, after, found.Version, null, new TimerNote(), cancellationToken)
                .ConfigureAwait(false);
            if (isSaved)
                return;
        } // Each iteration follows a concurrent change of the schedule.
    }

    private static (DateTimeOffset? Next, DateTimeOffset[] Queued) NextAfterRun(
        ScheduleRecord record,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset started,
        DateTimeOffset endedAt) =>
        definition.NextAfterRun(time, record.Queued ?? [], QueuedSince(record, started), started, endedAt);

    /// <summary>Returns a schedule whose run is retried, with the times that became due in its queue.</summary>
    private static ScheduleRecord WithQueued(
        ScheduleRecord record, ScheduleDefinition definition, DateTimeOffset queueAfter, DateTimeOffset now)
    {
        if (definition.Overlapping != OverlappingRuns.Queue || record.IsPaused)
            return record;
        var queued = definition.WaitingTimes(record.Queued ?? [], queueAfter, now);
        return record with { Queued = queued.Length == 0 ? null : queued, QueuedUntil = now };
    }

    /// <summary>
    /// Returns the moment after which due times are queued during a run. Times between two attempts are queued, unless
    /// no node was running to make the second attempt when it was due.
    /// </summary>
    private static DateTimeOffset QueuedSince(ScheduleRecord record, DateTimeOffset started)
    {
        if (record.QueuedUntil is not { } until)
            return started;
        var expected = record.Due > until ? record.Due.Value : until;
        return started - expected > ScheduleDefinition.Grace ? started : until;
    }

    /// <summary>Schedules another attempt after a delay, or continues with the next time.</summary>
    private async Task HandleFailure(
        Document document,
        ScheduleRecord record,
        ScheduleDefinition definition,
        DateTimeOffset time,
        DateTimeOffset started,
        Exception exception,
        CancellationToken cancellationToken)
    {
        var failures = record.Failures + 1;
        var error = $"{exception.GetType().Name}: {exception.Message}";
        if (CommandRefusal.Is(exception)
            || exception is HandlerNotFoundException or NotSupportedException
            || failures >= MaxFailures)
        {
            ScheduleLog.Failed(_logger, document.Key, time, failures, exception);
            var next = NextAfterRun(record, definition, time, started, Store.Time.GetUtcNow());
            var isFinished = await Finish(
                    document, record, next, PlatformEvents.ScheduleFailed, error, cancellationToken)
                .ConfigureAwait(false);
            if (!isFinished)
                await HandleConflict(document.Key, record, definition, time, started, cancellationToken)
                    .ConfigureAwait(false);
            return;
        }
        var now = Store.Time.GetUtcNow();
        var retried = WithQueued(record, definition, QueuedSince(record, started), now) with
        {
            Failures = failures,
            Error = error,
            Due = now + RetryDelays.DelayAfter(failures),
        };
        if (!await Save(document, retried, cancellationToken).ConfigureAwait(false))
            await HandleConflict(document.Key, record, definition, time, started, cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>
    /// Stores that a time is finished. Returns false if another client changed the schedule at the same time.
    /// </summary>
    private Task<bool> Finish(
        Document document,
        ScheduleRecord record,
        (DateTimeOffset? Time, DateTimeOffset[] Queued) next,
        string type,
        string? error,
        CancellationToken cancellationToken)
    {
        var after = record.Completed(next, Store.Time.GetUtcNow()) with { Error = error ?? record.Error };
        var note = new TimerNote { DueBefore = record.Time, Due = after.Due, Reason = error };
        return _writer.TrySave(document.Key, after, document.Version, type, note, cancellationToken);
    }

    /// <summary>Stores a schedule. Returns false if another client changed the schedule at the same time.</summary>
    private Task<bool> Save(Document document, ScheduleRecord record, CancellationToken cancellationToken) =>
        _writer.TrySave(document.Key, record, document.Version, null, new TimerNote(), cancellationToken);
}
