namespace Millrace.Shared.Settings;

/// <summary>Finds the known name that is most similar to a misspelled name.</summary>
internal static class NameSuggestions
{
    /// <summary>
    /// Returns the nearest name if at most a third of its letters are wrong, missing or additional. Two neighboring
    /// letters in the wrong order count as one.
    /// </summary>
    public static string? To(string typed, IEnumerable<string> names)
    {
        var nearest = names
            .Select(name => (Name: (string?)name, Distance: Distance(typed, name)))
            .DefaultIfEmpty()
            .MinBy(candidate => candidate.Distance);
        return nearest.Name is { } found && nearest.Distance <= Math.Max(1, found.Length / 3) ? found : null;
    }

    /// <summary>
    /// Returns the number of letters that must be changed, added, removed or swapped with the next letter.
    /// </summary>
    public static int Distance(string from, string to)
    {
        int[] rowBeforePrevious = [];
        var previousRow = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var row = new int[to.Length + 1];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = previousRow[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(previousRow[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], rowBeforePrevious[j - 2] + 1);
            }
            rowBeforePrevious = previousRow;
            previousRow = row;
        }
        return previousRow[to.Length];
    }
}
