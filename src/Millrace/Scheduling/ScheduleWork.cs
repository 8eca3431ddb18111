using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>Runs schedules: a consumer of what is decided about them, which sends the commands of those that are due.</summary>
internal sealed partial class ScheduleWork : DueWork
{
    private const int MostFailures = 5;
    private static readonly RetrySchedule Pauses = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), Random.Shared);

    private readonly Dictionary<string, ScheduleDefinition> _definitions;
    private readonly IKnownCommands _commands;
    private readonly CommandSending _send;
    private readonly ILogger _logger;

    public ScheduleWork(
        EventStore store, IEnumerable<ScheduleDefinition> definitions, IKnownCommands commands, CommandSending send, ILogger logger)
        : base(store, ScheduleStore.Collection)
    {
        (_commands, _send, _logger) = (commands, send, logger);
        _definitions = definitions.ToDictionary(definition => definition.Name, StringComparer.Ordinal);
    }

    public override EventFilter Filter { get; } = EventFilter.OfTypes(
        PlatformEvents.SchedulePaused, PlatformEvents.ScheduleResumed, PlatformEvents.ScheduleAsked);

    public override bool BeginsAtEnd => true;

    public override async ValueTask Begin(long checkpoint, CancellationToken cancellationToken)
    {
        foreach (var definition in _definitions.Values)
            await Define(definition, cancellationToken).ConfigureAwait(false);
        LookNow();
    }

    /// <summary>Brings what is stored to what this build says; what has not changed keeps the time that it is due.</summary>
    private async ValueTask Define(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        var found = await Store.Storage.Documents.Get(ScheduleStore.Name, definition.Name, cancellationToken).ConfigureAwait(false);
        var before = found is null ? null : ScheduleStore.Read(found);
        var isSame = before?.Cron == definition.Cron && before.TimeZone == definition.TimeZone.Id;
        if (isSame && (before!.IsPaused || before.Due is not null))
            return;
        var next = before?.IsPaused == true ? null : definition.NextAfter(Store.Time.GetUtcNow());
        var after = (before ?? new ScheduleRecord { Cron = definition.Cron, TimeZone = definition.TimeZone.Id }) with
        {
            Cron = definition.Cron, TimeZone = definition.TimeZone.Id, Due = next, Time = next, Failures = 0,
            MustRun = false,
        };
        if (isSame && next is null)
            return;
        var note = new TimerNote { Due = next };
        await Save(definition.Name, after, found?.Version ?? 0, PlatformEvents.ScheduleDefined, note, cancellationToken)
            .ConfigureAwait(false);
    }

    protected override async Task<DateTimeOffset?> Do(Document document, CancellationToken cancellationToken)
    {
        await Send(document, cancellationToken).ConfigureAwait(false);
        return DueDocuments.LookAgain; // Others may have moved it meanwhile.
    }

    /// <summary>Sends the command of a time; that it has run, and the next time, are in the commit of the command.</summary>
    private async Task Send(Document document, CancellationToken cancellationToken)
    {
        var (record, now) = (ScheduleStore.Read(document), Store.Time.GetUtcNow());
        if (!_definitions.TryGetValue(document.Key, out var definition))
        {
            var gone = record with { Due = null, Error = "It is not in the build that runs." };
            await Save(document.Key, gone, document.Version, null, new TimerNote(), cancellationToken).ConfigureAwait(false);
            return;
        }
        var time = record.Time ?? now;
        if (record is { Failures: 0, MustRun: false } && definition.PassesOver(time, now))
        {
            await Finish(document, record, definition.NextAfter(now), PlatformEvents.SchedulePassed, null, cancellationToken)
                .ConfigureAwait(false);
            return;
        }
        try
        {
            var command = definition.Command(time);
            var type = command.GetType();
            var known = _commands.FindCommand(type) ?? throw new HandlerNotFoundException(type);
            await _send(known, command, OptionsOf(document, record, definition, time, now), cancellationToken).ConfigureAwait(false);
        }
        catch (DocumentConflictException conflict) when (conflict.Collection == ScheduleStore.Name && conflict.Key == document.Key)
        {
            // It was paused or asked for meanwhile.
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested
            && (CommandRefusal.Is(exception) || FailurePolicy.Default.ClassOf(exception, isPure: false) != FailureClass.System))
        {
            await Failed(document, record, definition, time, now, exception, cancellationToken).ConfigureAwait(false);
        }
    }

    protected override void TellFailure(Exception exception) => Log.CannotRun(_logger, exception);

    private SendOptions OptionsOf(
        Document document, ScheduleRecord record, ScheduleDefinition definition, DateTimeOffset time, DateTimeOffset begun)
    {
        var stream = ScheduleStore.StreamOf(document.Key);
        var commandId = CommandIds.Of("schedule", document.Key, time.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return new SendOptions
        {
            Companion = new CommandCompanion(commandId, stream, request =>
            {
                var now = Store.Time.GetUtcNow();
                var next = record.IsPaused ? null : definition.NextBehind(time, begun, now);
                var after = record with
                {
                    Due = next, Time = next, MustRun = next <= now, Failures = 0, LastTime = time, LastRunAt = begun, Error = null,
                };
                var note = new TimerNote { DueBefore = time, Due = next };
                ScheduleStore.AddTo(request, document.Key, after, document.Version, PlatformEvents.ScheduleRun, note);
            }),
        };
    }

    /// <summary>Has it tried again after a pause, or goes on with the next time.</summary>
    private async Task Failed(
        Document document, ScheduleRecord record, ScheduleDefinition definition, DateTimeOffset time, DateTimeOffset begun,
        Exception exception, CancellationToken cancellationToken)
    {
        var (failures, error) = (record.Failures + 1, $"{exception.GetType().Name}: {exception.Message}");
        if (CommandRefusal.Is(exception) || exception is HandlerNotFoundException || failures >= MostFailures)
        {
            Log.Failed(_logger, document.Key, time, failures, exception);
            var next = definition.NextBehind(time, begun, Store.Time.GetUtcNow());
            await Finish(document, record, next, PlatformEvents.ScheduleFailed, error, cancellationToken).ConfigureAwait(false);
            return;
        }
        var again = record with { Failures = failures, Error = error, Due = Store.Time.GetUtcNow() + Pauses.DelayAfter(failures) };
        await Save(document.Key, again, document.Version, null, new TimerNote(), cancellationToken).ConfigureAwait(false);
    }

    private Task Finish(
        Document document, ScheduleRecord record, DateTimeOffset? next, string type, string? error, CancellationToken cancellationToken)
    {
        if (record.IsPaused)
            next = null;
        var isLate = next <= Store.Time.GetUtcNow();
        var after = record with { Due = next, Time = next, MustRun = isLate, Failures = 0, Error = error ?? record.Error };
        var note = new TimerNote { DueBefore = record.Time, Due = next, Reason = error };
        return Save(document.Key, after, document.Version, type, note, cancellationToken);
    }

    private async Task Save(
        string name, ScheduleRecord record, long fromVersion, string? type, TimerNote note, CancellationToken cancellationToken)
    {
        var request = ScheduleStore.AddTo(new AppendRequest(), name, record, fromVersion, type, note);
        var outcome = await Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null and not DocumentConflictException)
            throw outcome.Refusal;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 6011, Level = LogLevel.Error,
            Message = "Schedule {Schedule} did not run for {Time}: it failed {Failures} times, and goes on with the next time.")]
        public static partial void Failed(ILogger logger, string schedule, DateTimeOffset time, int failures, Exception exception);

        [LoggerMessage(EventId = 6012, Level = LogLevel.Warning, Message = "Schedules that are due cannot be run; trying again.")]
        public static partial void CannotRun(ILogger logger, Exception exception);
    }
}
