namespace Millrace.Testing.Differences;

/// <summary>
/// Aligns actual events with expected events, in order, so that the differences are as small as possible. A missing or
/// unexpected event does not affect the events after it.
/// </summary>
internal static class EventAlignment
{
    private const int MaxPairs = 40_000;
    private const double UnpairedCost = 0.5;

    private static readonly IReadOnlyList<ValueDifference> None = [];

    public static List<EventPair> Of(IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual) =>
        (long)expected.Count * actual.Count > MaxPairs
            ? PairByIndex(expected, actual)
            : MinCostAlignment(expected, actual);

    private static List<EventPair> MinCostAlignment(
        IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual)
    {
        var rows = expected.Count;
        var columns = actual.Count;
        var costs = new double[rows + 1, columns + 1];
        var pairs = new IReadOnlyList<ValueDifference>?[rows, columns];
        for (var i = rows; i >= 0; i--)
        {
            for (var j = columns; j >= 0; j--)
            {
                if (i == rows || j == columns)
                {
                    costs[i, j] = UnpairedCost * (rows - i + columns - j);
                    continue;
                }
                pairs[i, j] = Pair(expected[i], actual[j]);
                var pairedCost = pairs[i, j] is { } differences
                    ? costs[i + 1, j + 1] + CostOf(differences)
                    : double.MaxValue;
                costs[i, j] = Math.Min(pairedCost, UnpairedCost + Math.Min(costs[i + 1, j], costs[i, j + 1]));
            }
        }
        return ReadAlignment(costs, pairs);
    }

    private static List<EventPair> ReadAlignment(double[,] costs, IReadOnlyList<ValueDifference>?[,] pairs)
    {
        var rows = pairs.GetLength(0);
        var columns = pairs.GetLength(1);
        var aligned = new List<EventPair>();
        var i = 0;
        var j = 0;
        while (i < rows || j < columns)
        {
            if (i < rows
                && j < columns
                && pairs[i, j] is { } differences
                && costs[i, j] >= costs[i + 1, j + 1] + CostOf(differences))
                aligned.Add(new EventPair(i++, j++, differences));
            else if (i < rows && (j == columns || costs[i, j] >= UnpairedCost + costs[i + 1, j]))
                aligned.Add(new EventPair(i++, null, None));
            else
                aligned.Add(new EventPair(null, j++, None));
        }
        return aligned;
    }

    private static List<EventPair> PairByIndex(
        IReadOnlyList<DisplayedEvent> expected, IReadOnlyList<DisplayedEvent> actual)
    {
        var aligned = new List<EventPair>();
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            if (i < expected.Count && i < actual.Count && Pair(expected[i], actual[i]) is { } differences)
            {
                aligned.Add(new EventPair(i, i, differences));
                continue;
            }
            if (i < expected.Count)
                aligned.Add(new EventPair(i, null, None));
            if (i < actual.Count)
                aligned.Add(new EventPair(null, i, None));
        }
        return aligned;
    }

    /// <summary>Pairs two events if they have the same type.</summary>
    private static List<ValueDifference>? Pair(DisplayedEvent expected, DisplayedEvent actual) =>
        expected.Type == actual.Type ? ValueDifferences.Between(expected.Members, actual.Members) : null;

    /// <summary>
    /// Returns a cost that is less than the cost of one missing and one unexpected event, for any number of
    /// differences.
    /// </summary>
    private static double CostOf(IReadOnlyList<ValueDifference> differences) =>
        differences.Count == 0 ? 0 : UnpairedCost + (0.4 * Math.Min(1, differences.Count / 10.0));
}
