namespace Millrace.Cli.Models.Boundaries;

/// <summary>Finds dependencies across boundaries.</summary>
internal sealed class Dependencies(ModelDescription model, Dictionary<string, string> contextOf, ContextLinks links)
{
    // An aggregate above these limits is rarely one consistency boundary. The limits are from published reviews and are
    // not strict rules.
    private const int ManyEvents = 20, ManyMethods = 20, ManyMembers = 15;

    public IEnumerable<Dependency> Find() =>
        Commands()
            .Concat(StoredAggregates())
            .Concat(AggregateArguments())
            .Concat(Cycles())
            .Concat(CrossContextEvents())
            .Concat(SharedEvents())
            .Concat(MixedReadModels())
            .Concat(LargeAggregates())
            .Concat(UnusedEvents());

    private IEnumerable<Dependency> Commands()
    {
        foreach (var command in model.Commands)
        {
            var changed = command.Targets.Where(target => target.IsChanged).Select(target => target.Aggregate).ToList();
            if (changed.Count < 2)
                continue;
            var contexts = changed.Select(ContextOf).Distinct().ToList();
            var across = contexts.Count > 1 ? $", in {contexts.Count} contexts ({string.Join(", ", contexts)})" : "";
            yield return new(
                "several-aggregates",
                IsStrong: true,
                [.. changed, command.Name],
                $"{command.Name} changes {changed.Count} aggregates in one transaction{across}: "
                    + $"{string.Join(", ", changed)}.",
                "The aggregates must share one store. Let one of them decide, and let a consumer or process update the "
                    + "others when it receives the event. Keep the transaction when the aggregates must always be "
                    + "consistent with each other.");
        }
    }

    private IEnumerable<Dependency> StoredAggregates() =>
        from aggregate in model.Aggregates
        from state in aggregate.State
        from other in state.Contains
        select new Dependency(
            "holds-aggregate",
            IsStrong: true,
            [aggregate.Name, other],
            $"{aggregate.Name} stores {other} as an object, in '{state.Name}'.",
            "This copy is not updated by events. Store the id, and the values that were used.");

    private IEnumerable<Dependency> AggregateArguments() =>
        from aggregate in model.Aggregates
        from method in aggregate.Methods
        from other in method.Parameters
        where other != aggregate.Name
        select new Dependency(
            "takes-aggregate",
            IsStrong: ContextOf(other) != aggregate.Context,
            [aggregate.Name, other],
            $"{aggregate.Name}.{method.Name} takes {other} as an argument.",
            "It depends on the internals of the other aggregate and could change it. Pass only the required values.");

    private IEnumerable<Dependency> Cycles() => links.Cycles().Select(cycle => new Dependency(
        "context-cycle",
        IsStrong: true,
        cycle,
        $"{string.Join(", ", cycle)} depend on each other in transactions: "
            + $"{string.Join("; ", DescribeCycle(cycle))}.",
        "No context of a cycle can be separated, tested or deployed alone. In one direction, react to events instead "
            + "of sharing the transaction."));

    private IEnumerable<string> DescribeCycle(IReadOnlyList<string> cycle) =>
        from context in cycle
        from use in links.UsesOf(context)
        where use.InTransaction.Count > 0 && cycle.Contains(use.Context)
        select $"{context} → {use.Context} by {string.Join(", ", use.InTransaction)}";

    private IEnumerable<Dependency> CrossContextEvents() =>
        from aggregate in model.Aggregates
        let foreign = aggregate
            .Reads.Where(name => !aggregate.Writes.Contains(name) && WritersOf(name).Count > 0)
            .ToList()
        where foreign.Count > 0
        select new Dependency(
            "foreign-events",
            IsStrong: true,
            [aggregate.Name, .. foreign.SelectMany(WritersOf).Distinct()],
            $"{aggregate.Name} is changed by events that others write: {string.Join(", ", foreign)}.",
            "Other aggregates write to its state. Let it record the change in its own event.");

    private IEnumerable<Dependency> SharedEvents() =>
        from found in model.Events
        let writers = WritersOf(found.Name)
        where writers.Count > 1
        select new Dependency(
            "shared-event",
            IsStrong: writers.Select(ContextOf).Distinct().Count() > 1,
            writers,
            $"{found.Name} is written by {string.Join(" and ", writers)}.",
            "A change of its shape affects all of them. Give each its own event, unless they record the same fact."
        );

    private IEnumerable<Dependency> MixedReadModels() =>
        from readModel in model.ReadModels
        let contexts = readModel.Events.Select(ContextOfEvent).Distinct().Order(StringComparer.Ordinal).ToList()
        where contexts.Count > 1
        select new Dependency(
            "mixed-read-model",
            IsStrong: contexts.Count > 2,
            [readModel.Name, .. contexts],
            $"The read model {readModel.Name} ({readModel.Context}) shows events of {contexts.Count} contexts: "
                + $"{string.Join(", ", contexts)}.",
            "It must change when the events of one of the contexts change. This is normal for a read model. Put it "
                + "into the context that queries it."
        );

    private IEnumerable<Dependency> LargeAggregates() =>
        from aggregate in model.Aggregates
        let exceededLimits = ExceededLimits(aggregate).ToList()
        where exceededLimits.Count > 0
        select new Dependency(
            "large-aggregate",
            IsStrong: false,
            [aggregate.Name],
            $"{aggregate.Name} is large: {string.Join(", ", exceededLimits)}.",
            "It is loaded and locked as a whole. Find parts that do not need each other for decisions.");

    private static IEnumerable<string> ExceededLimits(AggregateDescription aggregate)
    {
        if (aggregate.Writes.Count > ManyEvents)
            yield return $"{aggregate.Writes.Count} events (more than {ManyEvents})";
        if (aggregate.Methods.Count > ManyMethods)
            yield return $"{aggregate.Methods.Count} methods (more than {ManyMethods})";
        if (aggregate.State.Count > ManyMembers)
            yield return $"{aggregate.State.Count} members (more than {ManyMembers})";
    }

    /// <summary>Finds events that no part of the build writes, or that no read model or consumer uses.</summary>
    private IEnumerable<Dependency> UnusedEvents()
    {
        if (!model.IsComplete)
            yield break;
        foreach (var found in model.Events.Where(found => found.Writers.Count == 0 && found.AlsoStoredAs.Count == 0))
        {
            yield return new(
                "unwritten-event", IsStrong: false, [found.Name], $"Nothing in this build writes {found.Name}.",
                "This is fine for an event that exists only in history. Otherwise its command is missing.");
        }
        foreach (var found in model.Events.Where(found =>
                found.Readers.All(reader => reader.Kind == EventPartKind.Aggregate)))
        {
            yield return new(
                "unshown-event", IsStrong: false, [found.Name], $"No read model and no consumer uses {found.Name}.",
                "This is fine for an event that only its aggregate needs. Otherwise a read model or a consumer is "
                    + "missing.");
        }
    }

    private string ContextOf(string aggregate) => contextOf.GetValueOrDefault(aggregate, "");

    private string ContextOfEvent(string name) =>
        model.Events.FirstOrDefault(found => found.Name == name)?.Context ?? "";

    private List<string> WritersOf(string name) =>
        [.. model.Aggregates.Where(aggregate => aggregate.Writes.Contains(name)).Select(aggregate => aggregate.Name)];
}
