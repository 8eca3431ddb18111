namespace Millrace.Cli.Models.Boundaries;

/// <summary>
/// Collects the dependencies between contexts. A context uses another context either in the same transaction or after
/// the transaction.
/// </summary>
internal sealed class ContextLinks
{
    private readonly SortedDictionary<
        string,
        SortedDictionary<string, (SortedSet<string> InTransaction, SortedSet<string> AfterTransaction)>
    > _uses = new(StringComparer.Ordinal);

    public ContextLinks(ModelDescription model, Dictionary<string, string> contextOf)
    {
        foreach (var command in model.Commands)
        {
            foreach (var target in command.Targets)
                Add(
                    command.Context,
                    contextOf.GetValueOrDefault(target.Aggregate),
                    command.Name,
                    isInTransaction: true);
        }
        foreach (var aggregate in model.Aggregates)
        {
            var others = aggregate
                .State.SelectMany(state => state.Contains)
                .Concat(aggregate.Methods.SelectMany(method => method.Parameters));
            foreach (var other in others)
                Add(aggregate.Context, contextOf.GetValueOrDefault(other), aggregate.Name, isInTransaction: true);
        }
        var contextOfEvent = model.Events.ToDictionary(
            found => found.Name, found => found.Context, StringComparer.Ordinal);
        foreach (var readModel in model.ReadModels)
        {
            foreach (var name in readModel.Events)
                Add(readModel.Context, contextOfEvent.GetValueOrDefault(name), readModel.Name, isInTransaction: false);
        }
        foreach (var consumer in model.Consumers)
        {
            foreach (var name in consumer.Events)
                Add(consumer.Context, contextOfEvent.GetValueOrDefault(name), consumer.Name, isInTransaction: false);
        }
    }

    /// <summary>Returns the contexts that a context uses, with the parts that use them.</summary>
    public IReadOnlyList<ContextUse> UsesOf(string context) => _uses.TryGetValue(context, out var uses)
        ?
        [
            .. uses.Select(use =>
                new ContextUse(use.Key, [.. use.Value.InTransaction], [.. use.Value.AfterTransaction])),
        ]
        : [];

    /// <summary>Returns cycles of contexts that depend on each other in transactions, directly or indirectly.</summary>
    public IEnumerable<IReadOnlyList<string>> Cycles()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var context in _uses.Keys)
        {
            if (seen.Contains(context))
                continue;
            var reachable = TransactionDependencies(context);
            var cycle = reachable
                .Where(other => TransactionDependencies(other).Contains(context))
                .Order(StringComparer.Ordinal)
                .ToList();
            seen.UnionWith(cycle);
            if (cycle.Count > 1)
                yield return cycle;
        }
    }

    private HashSet<string> TransactionDependencies(string start)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Queue<string>([start]);
        while (pending.TryDequeue(out var context))
        {
            foreach (var use in UsesOf(context).Where(use => use.InTransaction.Count > 0))
            {
                if (found.Add(use.Context))
                    pending.Enqueue(use.Context);
            }
        }
        return found;
    }

    private void Add(string context, string? usedContext, string part, bool isInTransaction)
    {
        if (usedContext is null || usedContext == context)
            return;
        if (!_uses.TryGetValue(context, out var uses))
            _uses[context] = uses = new(StringComparer.Ordinal);
        if (!uses.TryGetValue(usedContext, out var use))
            uses[usedContext] = use = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        (isInTransaction ? use.InTransaction : use.AfterTransaction).Add(part);
    }
}
