namespace Millrace.Cli.Models.Boundaries;

/// <summary>
/// Collects the dependencies between contexts. A context uses another context either in the same transaction or after
/// the transaction.
/// </summary>
internal sealed class ContextLinks
{
    private readonly SortedDictionary<
        string,
        SortedDictionary<string, (SortedSet<string> Now, SortedSet<string> Later)>
    > _uses = new(StringComparer.Ordinal);

    public ContextLinks(ModelDescription model, Dictionary<string, string> contextOf)
    {
        foreach (var command in model.Commands)
        {
            foreach (var target in command.Targets)
                Add(command.Context, contextOf.GetValueOrDefault(target.Aggregate), command.Name, isNow: true);
        }
        foreach (var aggregate in model.Aggregates)
        {
            var others = aggregate
                .State.SelectMany(state => state.Contains)
                .Concat(aggregate.Methods.SelectMany(method => method.Parameters));
            foreach (var other in others)
                Add(aggregate.Context, contextOf.GetValueOrDefault(other), aggregate.Name, isNow: true);
        }
        var contextOfEvent = model.Events.ToDictionary(
            found => found.Name, found => found.Context, StringComparer.Ordinal);
        foreach (var shown in model.ReadModels)
        {
            foreach (var name in shown.Events)
                Add(shown.Context, contextOfEvent.GetValueOrDefault(name), shown.Name, isNow: false);
        }
        foreach (var consumer in model.Consumers)
        {
            foreach (var name in consumer.Events)
                Add(consumer.Context, contextOfEvent.GetValueOrDefault(name), consumer.Name, isNow: false);
        }
    }

    /// <summary>Returns the contexts that a context uses.</summary>
    public IReadOnlyList<ContextUse> From(string context) => _uses.TryGetValue(context, out var uses)
        ? [.. uses.Select(use => new ContextUse(use.Key, [.. use.Value.Now], [.. use.Value.Later]))]
        : [];

    /// <summary>Returns cycles of contexts that depend on each other in transactions, directly or indirectly.</summary>
    public IEnumerable<IReadOnlyList<string>> Cycles()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var context in _uses.Keys)
        {
            if (seen.Contains(context))
                continue;
            var there = Reached(context);
            var circle = there.Where(other => Reached(other).Contains(context)).Order(StringComparer.Ordinal).ToList();
            seen.UnionWith(circle);
            if (circle.Count > 1)
                yield return circle;
        }
    }

    private HashSet<string> Reached(string from)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>([from]);
        while (open.TryDequeue(out var context))
        {
            foreach (var use in From(context).Where(use => use.InTransaction.Count > 0))
            {
                if (found.Add(use.Context))
                    open.Enqueue(use.Context);
            }
        }
        return found;
    }

    private void Add(string from, string? to, string by, bool isNow)
    {
        if (to is null || to == from)
            return;
        if (!_uses.TryGetValue(from, out var uses))
            _uses[from] = uses = new(StringComparer.Ordinal);
        if (!uses.TryGetValue(to, out var use))
            uses[to] = use = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        (isNow ? use.Now : use.Later).Add(by);
    }
}
