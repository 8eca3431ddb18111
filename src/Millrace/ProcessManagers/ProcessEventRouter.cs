using Millrace.Events;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.ProcessManagers;

/// <summary>Delivers events to the instances of a process, and starts instances.</summary>
internal sealed class ProcessEventRouter
{
    /// <summary>Maps an event to an instance by the definition of a version.</summary>
    private sealed record Route(int Version, Func<object, string> IdOf, bool Begins);

    /// <summary>
    /// The result of delivering an event to an instance, for the definitions that map the event to it.
    /// </summary>
    /// <param name="IsSettled">True if the instance received the event, or its definition ignores it.</param>
    /// <param name="Refusal">The reason why the definition refuses the event; null if it accepts it.</param>
    private readonly record struct IntakeResult(bool IsSettled, ProcessRefusedException? Refusal = null)
    {
        public static IntakeResult Settled => new(IsSettled: true);

        public static IntakeResult NoInstance => default;
    }

    private readonly EventStore _store;
    private readonly ProcessPlans _plans;
    private readonly ILookup<Type, Route> _routes;
    private readonly EarlyEventDeadLetters _earlyDeadLetters;
    private readonly Func<long, long> _numberOf;

    /// <param name="store">The store whose events are delivered.</param>
    /// <param name="plans">The definitions of the process.</param>
    /// <param name="shards">The shards of the instances; null if the instances are in the same store.</param>
    public ProcessEventRouter(EventStore store, ProcessPlans plans, IProcessShards? shards = null)
    {
        _store = shards?.Instances ?? store;
        _numberOf = shards is null ? static position => position : position => shards.NumberOf(store, position);
        _plans = plans;
        _earlyDeadLetters = new EarlyEventDeadLetters(store, plans.Name);
        var newest = plans.Newest.Version;
        _routes = plans
            .All.SelectMany(one =>
                one.Plan.Routes.Select(route =>
                    (route.Event, new Route(one.Version, route.IdOf, Begins: route.Begins && one.Version == newest))))
            .ToLookup(one => one.Event, one => one.Item2);
        Types =
        [
            .. _routes.Select(route => store.Types.Get(route.Key).Name),
            .. shards is null ? ProcessEvents.OfOperators : ProcessEvents.OfOtherShards,
        ];
    }

    /// <summary>
    /// Gets the callback for each committed instance that received an event. The number is the version of its document,
    /// or 0 if the instance had received the event before.
    /// </summary>
    public Action<ProcessInstance, long>? Committed { get; init; }

    /// <summary>Gets the counters of the events that no instance uses, or that are kept for an instance.</summary>
    public UnexpectedEventCounts? Unexpected { get; init; }

    /// <summary>Gets the stored names of all events that the process uses.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>Returns the id of the instance for an event.</summary>
    public string KeyOf(RecordedEvent recorded)
    {
        foreach (var route in _routes[recorded.Data.GetType()])
            return route.IdOf(recorded.Data);
        return recorded.Stream.Value;
    }

    /// <summary>
    /// Delivers an event to its instance. Ignores an event that was received before. The definitions may map the event
    /// to different instances. The router refuses the event only if no definition accepts it.
    /// </summary>
    /// <exception cref="ProcessRefusedException">No instance uses the event, and a definition refuses such
    /// events.</exception>
    public async ValueTask Take(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var data = recorded.Data;
        var type = data.GetType();
        var isSettled = false;
        ProcessRefusedException? refusal = null;
        var found = new List<(string Id, Route Route)>();
        foreach (var route in _routes[type])
            found.Add((await FindId(route.IdOf(data), cancellationToken).ConfigureAwait(false), route));
        foreach (var routes in found.GroupBy(one => one.Id, one => one.Route, StringComparer.Ordinal))
        {
            var result = await RouteTo(routes, type, recorded, cancellationToken).ConfigureAwait(false);
            isSettled |= result.IsSettled;
            refusal ??= result.Refusal;
        }
        if (!isSettled && refusal is not null)
            throw refusal;
    }

    /// <summary>
    /// Returns the id under which an instance is stored. An earlier build may have formatted the id differently.
    /// </summary>
    private async ValueTask<string> FindId(string id, CancellationToken cancellationToken)
    {
        if (_plans.Newest.Plan.FormerId(id) is not { } former)
            return id;
        var stream = ProcessNames.StreamOf(_plans.Name, id);
        var earlier = ProcessNames.StreamOf(_plans.Name, former);
        return
            await KeyStreamResolver.FindCurrentOrFormer(
                _store, stream, earlier, cancellationToken).ConfigureAwait(false)
            == earlier
            ? former
            : id;
    }

    private async ValueTask<IntakeResult> RouteTo(
        IGrouping<string, Route> routes, Type type, RecordedEvent recorded, CancellationToken cancellationToken)
    {
        // An event that can start an instance usually does. The instance is read only if the commit is refused because
        // the instance exists.
        if (Begins(routes) && await TryBegin(routes.Key, type, recorded, cancellationToken).ConfigureAwait(false))
            return IntakeResult.Settled;
        while (true)
        {
            if (await TryDeliver(routes, type, recorded, cancellationToken).ConfigureAwait(false) is { } result)
                return result;
            cancellationToken.ThrowIfCancellationRequested(); // Another client changed the instance.
        }
    }

    /// <summary>
    /// Delivers an event to its instance. Returns null if another client changed the instance at the same time.
    /// </summary>
    private async ValueTask<IntakeResult?> TryDeliver(
        IGrouping<string, Route> routes, Type type, RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var id = routes.Key;
        var position = _numberOf(recorded.Position);
        var instance = await ProcessStore.Load(_store, _plans.Name, id, cancellationToken).ConfigureAwait(false);
        if (instance?.HasSeen(position) == true)
        {
            Committed?.Invoke(instance, 0); // Which node received it, and whether that node continues, is unknown.
            return IntakeResult.Settled;
        }
        if (instance?.HasGivenUp(position) == true
            && await _earlyDeadLetters.IsParked(id, position, cancellationToken).ConfigureAwait(false))
            return IntakeResult.Settled; // The event was read again, and its dead letter waits for a decision.
        var name = _store.Types.Get(type).Name;
        if (instance is null or { IsStarted: false } && Begins(routes))
            return await TryBegin(id, type, recorded, cancellationToken, instance).ConfigureAwait(false)
                ? IntakeResult.Settled
                : null;
        if (!IsFor(instance is { IsStarted: true } ? instance : null, routes))
            return IntakeResult.NoInstance;
        if (instance is null or { IsStarted: false })
            return await TryBuffer(instance, id, name, position, cancellationToken).ConfigureAwait(false);
        if (instance.IsEnded)
            return HandleLate(_plans.Find(instance.Version) ?? _plans.Newest.Plan, instance, name);
        var (plan, decider) = FindPlan(instance);
        if (plan is null)
            decider.Emit(ProcessEvents.ReceivedEarly, new ProcessNote { Event = name, Position = position });
        else if (!decider.TryReceive(type, name, position)
            && Ignore(plan, decider, name, position) is { } refused)
            return refused;
        return await TrySave(decider, cancellationToken).ConfigureAwait(false) ? IntakeResult.Settled : null;
    }

    /// <summary>
    /// Returns the definition with which an instance continues, and its decider. A later definition may take over the
    /// instance. If no definition fits, the instance keeps the event until one fits, because a wrong definition would
    /// repeat renamed steps.
    /// </summary>
    private (ProcessPlan? Plan, ProcessDecider Decider) FindPlan(ProcessInstance instance)
    {
        var now = _store.Time.GetUtcNow();
        if (_plans.Find(instance.Version) is { } own)
            return (own, new ProcessDecider(own, instance, _store.Types, now));
        if (_plans.FindSuccessor(instance.Version) is not { } successor
            || _plans.ProblemOf(instance.Copy(), now) is not null)
            return (null, new ProcessDecider(_plans.Newest.Plan, instance, _store.Types, now));
        var decider = new ProcessDecider(successor.Plan, instance, _store.Types, now);
        decider.Emit(
            ProcessEvents.Migrated,
            ProcessPlans.MigrationTo(successor.Version, successor.Plan, successor.Names));
        return (successor.Plan, decider);
    }

    private static bool Begins(IEnumerable<Route> routes) => routes.Any(route => route.Begins);

    /// <summary>
    /// Returns true if the definition that applies maps the event to the instance. This is the definition with which
    /// the instance continues or, without an instance, the newest. If no definition continues the instance, any
    /// definition applies.
    /// </summary>
    private bool IsFor(ProcessInstance? instance, IEnumerable<Route> routes)
    {
        var version = instance is null ? _plans.Newest.Version
            : _plans.Find(instance.Version) is not null ? instance.Version
            : _plans.FindSuccessor(instance.Version)?.Version;
        return version is null || routes.Any(route => route.Version == version);
    }

    /// <summary>
    /// Starts an instance with an event, and delivers the events that were kept for the instance. Returns false if the
    /// instance exists.
    /// </summary>
    private async ValueTask<bool> TryBegin(
        string id,
        Type type,
        RecordedEvent recorded,
        CancellationToken cancellationToken,
        ProcessInstance? instance = null)
    {
        var (version, plan) = _plans.Newest;
        var now = _store.Time.GetUtcNow();
        instance ??= NewInstance(id, now);
        var kept = instance.BufferedEvents;
        var decider = new ProcessDecider(plan, instance, _store.Types, now);
        decider.Emit(ProcessEvents.Started, new ProcessNote
        {
            Version = version,
            Outline = plan.Outline,
            Event = _store.Types.Get(type).Name,
            Position = _numberOf(recorded.Position),
        });
        decider.Advance();
        var unexpected = kept.OrderBy(static one => one.Position)
            .Where(early =>
                _plans.TypeOf(_store.Types, early.Event) is not { } known
                || !decider.TryReceive(known, early.Event, early.Position))
            .ToList();
        var letters = new List<DeadLetterChange>();
        var outcomes = new List<(string Event, string Outcome, string Reason)>();
        foreach (var early in unexpected)
        {
            var note = new ProcessNote
            {
                Event = early.Event,
                Position = early.Position,
                Reason = NotAwaited(early.Event),
            };
            var letter =
                plan.Unexpected == UnexpectedEvents.Refuse
                    ? await _earlyDeadLetters
                        .Of(id, early.Position, note.Reason, cancellationToken)
                        .ConfigureAwait(false)
                    : null;
            decider.Emit(letter is null ? ProcessEvents.Ignored : ProcessEvents.Expired, note);
            outcomes.Add(
                (early.Event, letter is null ? "dropped" : "refused", $"It was kept for its instance: {note.Reason}"));
            if (letter is not null)
                letters.Add(letter);
        }
        if (!await TrySave(decider, cancellationToken, instance.Correlation, letters).ConfigureAwait(false))
            return false;
        foreach (var (name, outcome, reason) in outcomes)
            Unexpected?.CountEarly(id, name, outcome, reason);
        return true;
    }

    private ProcessInstance NewInstance(string id, DateTimeOffset now) =>
        // The id starts with the time, so that events of instances that run at the same time are adjacent in the index.
        new(_plans.Name, id) { Correlation = EventIds.New(now) };

    /// <summary>
    /// Keeps an event for an instance that has not started, if the definition allows this. Returns null if another
    /// client changed the instance.
    /// </summary>
    private async ValueTask<IntakeResult?> TryBuffer(
        ProcessInstance? instance, string id, string name, long position, CancellationToken cancellationToken)
    {
        var plan = _plans.Newest.Plan;
        if (plan.Early is not { } rule)
            return DropEarly(plan, id, name, "is for an instance that has not started.");
        if (instance?.BufferedEvents.Count >= rule.MaxEvents)
            return DropEarly(
                plan,
                id,
                name,
                $"is for an instance that has not started, and {rule.MaxEvents:N0} events are kept for it.");
        if (instance is null or { BufferedEvents.IsEmpty: true }
            && await CountNotStarted(cancellationToken).ConfigureAwait(false) >= rule.MaxInstances)
            return DropEarly(
                plan, id, name,
                    $"is for an instance that has not started, and {rule.MaxInstances:N0} of these are kept.");
        var now = _store.Time.GetUtcNow();
        instance ??= NewInstance(id, now);
        var decider = new ProcessDecider(plan, instance, _store.Types, now);
        decider.Emit(
            ProcessEvents.Kept,
            new ProcessNote { Event = name, Position = position, Until = now + rule.Within });
        if (!await TrySave(decider, cancellationToken, instance.Correlation).ConfigureAwait(false))
            return null;
        Unexpected?.CountKept();
        return IntakeResult.Settled;
    }

    private ValueTask<long> CountNotStarted(CancellationToken cancellationToken) => _store.Storage.Documents.Count(
        ProcessNames.CollectionOf(_plans.Name),
        [new FieldCondition(ProcessStore.StateField, Comparison.Equal, nameof(ProcessState.NotStarted))],
        cancellationToken);

    private IntakeResult DropEarly(ProcessPlan plan, string id, string name, string problem)
    {
        var isRefused = plan.Unexpected == UnexpectedEvents.Refuse;
        Unexpected?.CountEarly(id, name, isRefused ? "refused" : "dropped", $"It {problem}");
        return isRefused
            ? new(IsSettled: false, ProcessRefusedException.NotStarted(_plans.Name, id, $"'{name}' {problem}"))
            : IntakeResult.NoInstance;
    }

    private IntakeResult HandleLate(ProcessPlan plan, ProcessInstance instance, string name)
    {
        Unexpected?.CountLate();
        return plan.Unexpected == UnexpectedEvents.Refuse
            ? Refused(instance.Id, $"'{name}' comes too late: the instance has ended, {instance.State}.")
            : IntakeResult.Settled;
    }

    private static string NotAwaited(string name) => $"'{name}' is not awaited, or came before.";

    /// <summary>
    /// Records an event that the instance does not wait for. Returns the refusal if the definition refuses such events;
    /// otherwise null.
    /// </summary>
    private IntakeResult? Ignore(ProcessPlan plan, ProcessDecider decider, string name, long position)
    {
        var reason = NotAwaited(name);
        Unexpected?.CountNotAwaited();
        if (plan.Unexpected == UnexpectedEvents.Refuse)
            return Refused(decider.Instance.Id, reason);
        decider.Emit(ProcessEvents.Ignored, new ProcessNote { Event = name, Position = position, Reason = reason });
        return null;
    }

    private IntakeResult Refused(string id, string reason) =>
        new(IsSettled: false, new ProcessRefusedException(_plans.Name, id, reason));

    private async ValueTask<bool> TrySave(
        ProcessDecider decider,
        CancellationToken cancellationToken,
        Guid? correlation = null,
        IReadOnlyList<DeadLetterChange>? letters = null)
    {
        var request = ProcessStore.AddTo(new AppendRequest { CorrelationId = correlation }, decider);
        var outcome = letters is { Count: > 0 }
            ? await EarlyEventDeadLetters.TryCommit(_store, request, letters, cancellationToken).ConfigureAwait(false)
            : await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null)
            return outcome.Refusal is VersionConflictException or DeadLetterConflictException
                ? false
                : throw outcome.Refusal;
        Committed?.Invoke(decider.AsCommitted(), outcome.DocumentVersion);
        return true;
    }
}
