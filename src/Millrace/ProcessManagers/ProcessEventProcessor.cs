using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// Runs the instances of a process. Consumes the events that start instances and for which instances wait, and advances
/// every instance that is due.
/// </summary>
internal sealed partial class ProcessEventProcessor : DueDocumentProcessor
{
    private static readonly TimeSpan MaxSaveTime = TimeSpan.FromSeconds(2);

    private readonly ProcessPlans _plans;
    private readonly EventHandlerProcessor _events;
    private readonly ProcessRunner _runner;
    private readonly ILogger _logger;
    private readonly ProcessEventRouter _router;
    private readonly UnexpectedEventCounts _unexpected;
    private readonly InstanceHandoff _handoff = new();

    public ProcessEventProcessor(
        EventStore store, ProcessPlans plans, ICommandCatalog commands, CommandSender send, Func<int> getWorkers,
        ILogger logger,
        IMeterFactory? meters = null, IProcessShards? shards = null)
        : base(store, ProcessStore.CollectionOf(plans.Name))
    {
        _plans = plans;
        _logger = logger;
        _unexpected = new UnexpectedEventCounts(plans.Name, store.Time, meters, logger);
        if (shards is not null && plans.All.Any(static one => one.Plan.Unexpected == UnexpectedEvents.Refuse))
            throw new InvalidOperationException(
                $"The process '{plans.Name}' refuses unexpected events, which is not possible if its instances are in "
                    + "several shards. Choose another value of UnexpectedEvents.");
        _router = new ProcessEventRouter(store, plans, shards)
        {
            Committed = shards is null ? Advance : null, // An instance in another shard is found there by its event.
            Unexpected = _unexpected,
        };
        var definition = ConsumerDefinition.Each(Name, EventFilter.OfTypes(_router.Types), Handle).ByKey(_router.KeyOf)
            .OnFailure(policy => policy.Permanent<ProcessRefusedException>());
        _events = new EventHandlerProcessor(definition, store.Types, getWorkers);
        _runner = new ProcessRunner(store, plans, commands, send, logger)
        {
            Unexpected = _unexpected,
            Observer = new StepObserver(plans.Name, store.Time, meters),
            Shards = shards,
        };
    }

    public override EventFilter Filter => _events.Filter;

    public override FailurePolicy? Policy => _events.Policy;

    public override bool TracesEachEvent => _events.TracesEachEvent;

    public override void Observe(ConsumerMetrics metrics, TimeProvider time) => _events.Observe(metrics, time);

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events,
        BlockedKeys blockedKeys,
        CancellationToken cancellationToken) => _events.Handle(events, blockedKeys, cancellationToken);

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        _events.HandleAgain(retried, cancellationToken);

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => _events.KeysOf(recorded);

    public override async ValueTask End()
    {
        await base.End().ConfigureAwait(false);
        _handoff.Clear();
        using var limit = new CancellationTokenSource(MaxSaveTime, Store.Time);
        await _unexpected.Save(Store, isLast: true, limit.Token).ConfigureAwait(false);
    }

    protected override async Task<DateTimeOffset?> ProcessDocument(
        Document document, CancellationToken cancellationToken)
    {
        try
        {
            return await _runner.Run(document.Key, _handoff.Take(document), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _unexpected.Save(Store, isLast: false, cancellationToken).ConfigureAwait(false);
            _handoff.Forget(document.Key);
        }
    }

    protected override void LogFailure(LoggedFailure failure) =>
        Log.CannotGoOn(_logger, _plans.Name, failure.Problem, failure.Omitted, failure.Exception);

    private async ValueTask Handle(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (ProcessEvents.Contains(recorded.Type))
            ScanNow(); // A user made a decision about an instance, or an event of another shard was delivered to it.
        else
            await RouteEvent(recorded, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask RouteEvent(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        try
        {
            await _router.Take(recorded, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _unexpected.Save(Store, isLast: false, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Continues with an instance that received an event.</summary>
    private void Advance(ProcessInstance instance, long documentVersion)
    {
        _handoff.Keep(instance, documentVersion);
        if (instance.IsUnderWay)
            StartNow(new Document(instance.Id, documentVersion, 0, default));
        else
            NoteDue(instance.Due);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 6101,
            Level = LogLevel.Warning,
            Message = "Process {Process} cannot continue an instance; trying again. {Problem} Such failures are logged "
                + "once a minute; {Omitted} were not logged.")]
        public static partial void CannotGoOn(
            ILogger logger, string process, string problem, long omitted, Exception? exception);
    }
}
