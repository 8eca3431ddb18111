namespace Millrace.Generators;

/// <summary>Recognizes misspelt names of methods that fold events.</summary>
internal static class FoldName
{
    private static readonly string[] Names = ["When", "Apply", "Evolve", "Key"];

    // Differs from When by one letter, and is used in tests.
    private const string OtherWord = "Then";

    /// <summary>True when a name is similar to a fold's name: other case, or one typing error.</summary>
    public static bool IsMeant(string name) => name != OtherWord && Names.Any(fold => IsSimilar(name, fold));

    /// <summary>
    /// True when two names differ only in case and by at most one wrong, missing, additional or exchanged letter.
    /// </summary>
    public static bool IsSimilar(string name, string fold)
    {
        var (typed, meant) = (name.ToUpperInvariant(), fold.ToUpperInvariant());
        var start = typed.Zip(meant, (left, right) => left == right).TakeWhile(isSame => isSame).Count();
        var (left, right) = (typed.Substring(start), meant.Substring(start));
        return left == right
            || Rest(left, 1) == Rest(right, 1)
            || Rest(left, 1) == right
            || left == Rest(right, 1)
            || (left.Length > 1 && right.Length > 1 && (left[0], left[1]) == (right[1], right[0])
                && Rest(left, 2) == Rest(right, 2));
    }

    private static string? Rest(string text, int from) => text.Length < from ? null : text.Substring(from);
}
