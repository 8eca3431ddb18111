namespace Millrace;

/// <summary>Takes events over into the instances of a process that they are for: begins these, or has them go on.</summary>
internal sealed class ProcessIntake
{
    private readonly EventStore _store;
    private readonly ProcessPlans _plans;
    private readonly ILookup<Type, Func<object, string>> _routes;

    public ProcessIntake(EventStore store, ProcessPlans plans)
    {
        (_store, _plans) = (store, plans);
        _routes = plans.All.SelectMany(plan => plan.Routes).ToLookup(route => route.Event, route => route.IdOf);
        Types = [.. _routes.Select(route => store.Types.Get(route.Key).Name), .. ProcessEvents.OfOperators];
    }

    /// <summary>The stored names of all events that matter to the process.</summary>
    public IReadOnlyList<string> Types { get; }

    /// <summary>The instance that an event is for.</summary>
    public string KeyOf(RecordedEvent recorded)
    {
        foreach (var idOf in _routes[recorded.Data.GetType()])
            return idOf(recorded.Data);
        return recorded.Stream.Value;
    }

    /// <summary>Takes an event over; one that was taken before is passed over.</summary>
    public async ValueTask Take(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var data = recorded.Data;
        var type = data.GetType();
        foreach (var id in _routes[type].Select(idOf => idOf(data)).Distinct(StringComparer.Ordinal))
        {
            while (!await TryTake(id, type, recorded, cancellationToken).ConfigureAwait(false))
                cancellationToken.ThrowIfCancellationRequested(); // The instance has gone on meanwhile.
        }
    }

    /// <summary>Takes an event over. False when the instance has changed meanwhile.</summary>
    private async ValueTask<bool> TryTake(string id, Type type, RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var instance = await ProcessStore.Load(_store, _plans.Name, id, cancellationToken).ConfigureAwait(false);
        if (instance?.HasSeen(recorded.Position) == true)
            return true; // Handled before, and the checkpoint was lost.
        var name = _store.Types.Get(type).Name;
        var (version, newest) = _plans.Newest;
        if (instance is null && newest.Routes.Any(route => route.Begins && route.Event == type))
            return await TrySave(Begin(id, name, version, newest, recorded.Position), cancellationToken).ConfigureAwait(false);
        var plan = instance is null ? newest : _plans.Find(instance.Version) ?? newest;
        if (instance is not null)
        {
            var flow = new ProcessFlow(plan, instance, _store.Types, _store.Time.GetUtcNow());
            if (!instance.IsEnded && flow.TryReceive(type, name, recorded.Position))
                return await TrySave(flow, cancellationToken).ConfigureAwait(false);
        }
        return await PassOver(plan, instance, id, name, recorded.Position, cancellationToken).ConfigureAwait(false);
    }

    private ProcessFlow Begin(string id, string name, int version, ProcessPlan plan, long position)
    {
        var flow = new ProcessFlow(plan, new ProcessInstance(_plans.Name, id), _store.Types, _store.Time.GetUtcNow());
        flow.Emit(
            ProcessEvents.Started, new ProcessNote { Version = version, Outline = plan.Outline, Event = name, Position = position });
        flow.GoOn();
        return flow;
    }

    private async ValueTask<bool> PassOver(
        ProcessPlan plan, ProcessInstance? instance, string id, string name, long position, CancellationToken cancellationToken)
    {
        var reason = instance switch
        {
            null => $"'{name}' is for an instance that was not begun.",
            { IsEnded: true } => $"'{name}' comes too late: it is at its end, {instance.State}.",
            _ => $"'{name}' is not waited for, or came before.",
        };
        if (plan.Unexpected == UnexpectedEvents.Refuse)
            throw new ProcessRefusedException(_plans.Name, id, reason);
        if (instance is null || instance.IsEnded)
            return true;
        var flow = new ProcessFlow(plan, instance, _store.Types, _store.Time.GetUtcNow());
        flow.Emit(ProcessEvents.Ignored, new ProcessNote { Event = name, Position = position, Reason = reason });
        return await TrySave(flow, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> TrySave(ProcessFlow flow, CancellationToken cancellationToken)
    {
        var outcome = await _store.TryAppend(ProcessStore.AddTo(new AppendRequest(), flow), cancellationToken).ConfigureAwait(false);
        return outcome.Refusal is null || (outcome.Refusal is VersionConflictException ? false : throw outcome.Refusal);
    }
}
