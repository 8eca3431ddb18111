using Microsoft.Extensions.Logging;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Scheduling;

/// <summary>
/// Fires timers. Consumes the events about timers, and sends the commands of the timers that are due.
/// </summary>
internal sealed partial class TimerProcessor : DueDocumentProcessor
{
    private const int MaxFailures = 10;
    private static readonly RetryBackoff RetryDelays =
        new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), Random.Shared);

    private readonly ICommandCatalog _commands;
    private readonly CommandSender _send;
    private readonly ILogger _logger;

    public TimerProcessor(EventStore store, ICommandCatalog commands, CommandSender send, ILogger logger)
        : base(store, TimerStore.Collection)
    {
        _commands = commands;
        _send = send;
        _logger = logger;
    }

    public override EventFilter Filter { get; } = EventFilter.OfTypes(
        PlatformEvents.TimerSet, PlatformEvents.TimerMoved, PlatformEvents.TimerEdited);

    /// <summary>Gets true, because timers that were set earlier are already in the collection.</summary>
    public override bool BeginsAtEnd => true;

    protected override async Task<DateTimeOffset?> ProcessDocument(
        Document document, CancellationToken cancellationToken)
    {
        await Fire(document, cancellationToken).ConfigureAwait(false);
        return DueDocumentScheduler.ScanAgain; // Another client may have moved the timer.
    }

    /// <summary>Sends the command of a timer. The commit of the command removes the timer.</summary>
    private async Task Fire(Document document, CancellationToken cancellationToken)
    {
        var timer = TimerStore.Read(document);
        try
        {
            var (definition, command) = StoredCommand.Read(_commands, timer.Command, timer.Body);
            await _send(definition, command, OptionsOf(document, timer), cancellationToken).ConfigureAwait(false);
        }
        catch (DocumentConflictException conflict)
            when (conflict.Collection == TimerStore.Name && conflict.Key == document.Key)
        {
            // Another client moved, replaced, cancelled or fired the timer.
        }
        catch (Exception exception) when (CommandRefusal.Is(exception))
        {
            var note = new TimerNote { DueBefore = timer.Due, Reason = exception.Message };
            await Save(document, null, PlatformEvents.TimerRefused, note, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested
            && FailurePolicy.Default.ClassOf(exception, isPure: false) is var failureClass and not FailureClass.System)
        {
            await HandleFailure(document, timer, exception, failureClass == FailureClass.Permanent, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    protected override void LogFailure(LoggedFailure failure) =>
        Log.CannotFire(_logger, failure.Problem, failure.Omitted, failure.Exception);

    private SendOptions OptionsOf(Document document, TimerRecord timer)
    {
        var stream = TimerStore.StreamOf(document.Key);
        var fired = TimerStore.Event(PlatformEvents.TimerFired, new TimerNote { DueBefore = timer.Due });
        return new SendOptions
        {
            CorrelationId = timer.CorrelationId,
            CausationId = timer.Id,
            Metadata = timer.By is null ? null : new EventMetadata { UserId = timer.By },
            Enlistment = new CommandEnlistment(
                timer.Id,
                stream,
                request =>
                {
                    request.To(stream, ExpectedVersion.Any, fired);
                    // The command may have set the timer again.
                    request.RemoveDocument(TimerStore.Remove(document.Key, document.Version));
                }
            )
            {
                Store = Store,
            },
        };
    }

    /// <summary>Schedules another attempt after a pause, or holds the timer for a user.</summary>
    private async Task HandleFailure(
        Document document,
        TimerRecord timer,
        Exception exception,
        bool isPermanent,
        CancellationToken cancellationToken)
    {
        var failures = timer.Failures + 1;
        var isHeld = isPermanent || failures >= MaxFailures;
        var after = timer with
        {
            Failures = failures,
            Error = $"{exception.GetType().Name}: {exception.Message}",
            Due = isHeld ? null : Store.Time.GetUtcNow() + RetryDelays.DelayAfter(failures),
        };
        var note = new TimerNote { DueBefore = timer.Due, Reason = after.Error };
        if (isHeld)
            Log.Held(_logger, document.Key, timer.Command, failures, exception);
        await Save(document, after, isHeld ? PlatformEvents.TimerHeld : null, note, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task Save(
        Document document, TimerRecord? after, string? type, TimerNote note, CancellationToken cancellationToken)
    {
        var request = new AppendRequest();
        if (type is not null)
            request.To(TimerStore.StreamOf(document.Key), ExpectedVersion.Any, TimerStore.Event(type, note));
        request.With(after is null
            ? TimerStore.Remove(document.Key, document.Version)
            : TimerStore.Write(document.Key, after, document.Version));
        var outcome = await Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        _ = outcome.FindDocumentConflict(); // An operator changed the timer, which is read again.
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 6001,
            Level = LogLevel.Error,
            Message = "Timer {Timer} is held: its command {Command} failed {Failures} times. Run, move or cancel it.")]
        public static partial void Held(
            ILogger logger, string timer, string command, int failures, Exception exception);

        [LoggerMessage(
            EventId = 6002,
            Level = LogLevel.Warning,
            Message = "Due timers cannot be fired; trying again. {Problem} Such failures are logged once a minute; "
                + "{Omitted} were not logged.")]
        public static partial void CannotFire(ILogger logger, string problem, long omitted, Exception? exception);
    }
}
