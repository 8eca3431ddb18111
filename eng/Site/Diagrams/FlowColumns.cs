namespace Site;

/// <summary>
/// Assigns a column to each box, so that arrows point to the right. The column is the length of the longest path from a
/// start. The boxes of a frame share a column. An arrow that would close a cycle points to the left.
/// </summary>
internal sealed class FlowColumns
{
    private readonly Dictionary<string, List<string>> _next = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly HashSet<(string From, string To)> _backEdges = [];
    private readonly Dictionary<string, string> _units;

    private FlowColumns(FlowChart chart)
    {
        _units = chart.Nodes.ToDictionary(
            node => node.Id, node => node.Group is { } group ? "frame " + group : node.Id, StringComparer.Ordinal);
        foreach (var unit in _units.Values.Distinct(StringComparer.Ordinal))
            _next[unit] = [];
        foreach (var edge in chart.Edges)
            _next[_units[edge.From]].Add(_units[edge.To]);
    }

    /// <summary>The column of each box, from 0.</summary>
    public static Dictionary<string, int> Of(FlowChart chart)
    {
        var columns = new FlowColumns(chart);
        columns.FindCycles();
        columns.AssignColumns();
        return columns._units.ToDictionary(
            pair => pair.Key, pair => columns._columns[pair.Value], StringComparer.Ordinal);
    }

    private void FindCycles()
    {
        var (done, open) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        // Boxes without incoming arrows are starts.
        var targets = _next.Values.SelectMany(found => found).ToHashSet(StringComparer.Ordinal);
        foreach (var unit in _next.Keys.OrderBy(unit => targets.Contains(unit)).ToList())
            Visit(unit);

        void Visit(string unit)
        {
            if (!done.Add(unit))
                return;
            open.Add(unit);
            foreach (var next in _next[unit])
            {
                if (open.Contains(next))
                    _backEdges.Add((unit, next));
                else
                    Visit(next);
            }
            open.Remove(unit);
        }
    }

    private void AssignColumns()
    {
        foreach (var unit in _next.Keys)
            _columns[unit] = 0;
        for (var isMoving = true; isMoving;)
        {
            isMoving = false;
            foreach (var (unit, next) in _next)
            {
                foreach (var target in next.Where(target =>
                    !_backEdges.Contains((unit, target)) && _columns[target] <= _columns[unit]))
                {
                    _columns[target] = _columns[unit] + 1;
                    isMoving = true;
                }
            }
        }
    }
}
