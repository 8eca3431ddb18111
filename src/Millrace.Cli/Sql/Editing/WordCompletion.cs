namespace Millrace.Cli.Sql.Editing;

/// <summary>The completions of the word before the cursor.</summary>
/// <param name="Length">The length of the word.</param>
/// <param name="Candidates">The words that start with it, in the order in which they are shown.</param>
internal sealed record WordCompletion(int Length, IReadOnlyList<string> Candidates)
{
    /// <summary>Gets no completions, for a place where no word can be completed.</summary>
    public static WordCompletion None { get; } = new(-1, []);

    /// <summary>Gets the start that all candidates share, as the first one writes it.</summary>
    public string Common => Candidates.Count == 0
        ? ""
        : Candidates.Skip(1).Aggregate(
            Candidates[0], static (common, other) => common[..SharedLength(common, other)]);

    private static int SharedLength(string one, string other)
    {
        var length = 0;
        while (length < one.Length && length < other.Length
            && char.ToUpperInvariant(one[length]) == char.ToUpperInvariant(other[length]))
            length++;
        return length;
    }
}
