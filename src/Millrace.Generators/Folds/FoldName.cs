namespace Millrace.Generators.Folds;

/// <summary>Recognizes misspelt names of methods that fold events.</summary>
internal static class FoldName
{
    private static readonly string[] Names = ["When", "Apply", "Evolve", "Key"];

    // Tests often have a method "Then", which differs from "When" by one letter but is not a typing error.
    private const string AllowedName = "Then";

    /// <summary>
    /// Returns true if a name is probably a misspelled fold name. The name differs only in case or by one typing error.
    /// </summary>
    public static bool IsProbablyFold(string name) => name != AllowedName && Names.Any(fold => IsSimilar(name, fold));

    /// <summary>
    /// Returns true if two names differ in at most one letter, which is wrong, missing, additional, or exchanged with
    /// the next letter. The comparison ignores case.
    /// </summary>
    public static bool IsSimilar(string name, string fold)
    {
        var (typed, expected) = (name.ToUpperInvariant(), fold.ToUpperInvariant());
        var start = typed.Zip(expected, (left, right) => left == right).TakeWhile(isSame => isSame).Count();
        var (left, right) = (typed.Substring(start), expected.Substring(start));
        return left == right
            || SubstringOrNull(left, 1) == SubstringOrNull(right, 1)
            || SubstringOrNull(left, 1) == right
            || left == SubstringOrNull(right, 1)
            || (left.Length > 1 && right.Length > 1 && (left[0], left[1]) == (right[1], right[0])
                && SubstringOrNull(left, 2) == SubstringOrNull(right, 2));
    }

    private static string? SubstringOrNull(string text, int from) => text.Length < from ? null : text.Substring(from);
}
