using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>
/// Runs the instances of a process: a consumer of the events that begin it and that it waits for, which goes on with every instance that
/// has something to do.
/// </summary>
internal sealed partial class ProcessWork : ConsumerWork
{
    private readonly EventStore _store;
    private readonly ProcessPlans _plans;
    private readonly HandlerWork _events;
    private readonly DueDocuments _due;
    private readonly ProcessIntake _intake;

    public ProcessWork(
        EventStore store, ProcessPlans plans, IKnownCommands commands, CommandSending send, int workers, ILogger logger)
    {
        (_store, _plans) = (store, plans);
        _intake = new ProcessIntake(store, plans);
        var definition = ConsumerDefinition.Each(Name, EventFilter.OfTypes(_intake.Types), Handle).ByKey(_intake.KeyOf)
            .OnFailure(policy => policy.Permanent<ProcessRefusedException>());
        _events = new HandlerWork(definition, store.Types, workers);
        var runner = new ProcessRunner(store, plans, commands, send);
        _due = new DueDocuments(
            store, Name, (document, cancellationToken) => runner.Run(document.Key, cancellationToken),
            exception => Log.CannotGoOn(logger, plans.Name, exception));
    }

    public override string Name => ProcessNames.CollectionOf(_plans.Name);

    public override EventFilter Filter => _events.Filter;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override FailurePolicy? Policy => _events.Policy;

    public override DateTimeOffset? NextDue => _due.Next;

    public override bool IsBusy => _due.IsBusy;

    public override async ValueTask Prepare(CancellationToken cancellationToken) => await _store.Storage.Documents
        .EnsureCollection(ProcessStore.CollectionOf(_plans.Name), cancellationToken).ConfigureAwait(false);

    public override ValueTask Begin(long checkpoint, CancellationToken cancellationToken)
    {
        _due.LookNow();
        return ValueTask.CompletedTask;
    }

    public override ValueTask<bool> BeginDue(Action wake, CancellationToken cancellationToken) => _due.Begin(wake, cancellationToken);

    public override ValueTask End() => _due.End();

    public override ValueTask Handle(IReadOnlyList<RecordedEvent> events, KeyLines lines, CancellationToken cancellationToken) =>
        _events.Handle(events, lines, cancellationToken);

    public override ValueTask HandleAgain(LetterEvent again, CancellationToken cancellationToken) =>
        _events.HandleAgain(again, cancellationToken);

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => _events.KeysOf(recorded);

    private async ValueTask Handle(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        await _intake.Take(recorded, cancellationToken).ConfigureAwait(false);
        _due.LookNow();
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 6101, Level = LogLevel.Warning, Message = "Process {Process} cannot go on; trying again.")]
        public static partial void CannotGoOn(ILogger logger, string process, Exception exception);
    }
}
