namespace Millrace.ProcessManagers;

/// <summary>The parts of a process by their names, and the mapping of events to instances.</summary>
internal sealed class ProcessPlan
{
    private readonly Dictionary<string, ProcessNode> _byName = new(StringComparer.Ordinal);

    public ProcessPlan(
        IReadOnlyList<ProcessNode> nodes,
        IReadOnlyList<(Type Event, Func<object, string> IdOf, bool Begins)> routes,
        IReadOnlyList<(int Version, IReadOnlyDictionary<string, string> Names)> continued,
        UnexpectedEvents unexpected)
    {
        Nodes = nodes;
        Routes = routes;
        Continued = continued;
        Unexpected = unexpected;
        if (!routes.Any(route => route.Begins))
            throw new InvalidOperationException("A process must start with an event: add it by StartOn.");
        foreach (var node in All(nodes))
        {
            if (!_byName.TryAdd(node.Name, node))
                throw new InvalidOperationException(
                    $"Two parts have the name '{node.Name}': rename one of them.");
            Outline.Add(node.Name);
        }
        if (Outline.Count == 0)
            throw new InvalidOperationException("A process must have at least one part, such as a step.");
    }

    public IReadOnlyList<ProcessNode> Nodes { get; }

    public IReadOnlyList<(Type Event, Func<object, string> IdOf, bool Begins)> Routes { get; }

    public IReadOnlyList<(int Version, IReadOnlyDictionary<string, string> Names)> Continued { get; }

    public UnexpectedEvents Unexpected { get; }

    /// <summary>
    /// Gets the rule for events that arrive before the event that starts their instance; null if they are not kept.
    /// </summary>
    public EarlyEventRule? Early { get; init; }

    /// <summary>
    /// Gets the function that returns the text of an id in earlier builds, or null if the text is the same.
    /// </summary>
    public Func<string, string?> FormerId { get; init; } = static _ => null;

    /// <summary>Gets the names of all parts, in the order of their definition.</summary>
    public List<string> Outline { get; } = [];

    public ProcessNode? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// Returns the parts in order along the selected branches, up to the first decision that is not made.
    /// </summary>
    public IEnumerable<ProcessNode> Walk(IReadOnlyDictionary<string, string> decisions) => Walk(Nodes, decisions);

    private static IEnumerable<ProcessNode> Walk(
        IReadOnlyList<ProcessNode> nodes, IReadOnlyDictionary<string, string> decisions)
    {
        foreach (var node in nodes)
        {
            yield return node;
            if (node is not DecisionNode decision)
                continue;
            if (!decisions.TryGetValue(node.Name, out var branch))
                yield break;
            foreach (var inner in Walk(branch == DecisionNode.Yes ? decision.Then : decision.Otherwise, decisions))
            {
                yield return inner;
                if (inner is DecisionNode open && !decisions.ContainsKey(open.Name))
                    yield break;
            }
        }
    }

    private static IEnumerable<ProcessNode> All(IEnumerable<ProcessNode> nodes) => nodes.SelectMany(node => node switch
    {
        ParallelNode group => [node, .. group.Steps],
        DecisionNode decision => [node, .. All(decision.Then), .. All(decision.Otherwise)],
        _ => new[] { node },
    });
}
