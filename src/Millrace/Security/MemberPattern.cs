namespace Millrace.Security;

/// <summary>
/// Compares paths of members name by name. The name <c>*</c> means any name. Names that differ only in case, <c>_</c>
/// and <c>-</c> are the same, because JSON can be written with other options than those of the model.
/// </summary>
internal static class MemberPattern
{
    /// <summary>Separates the names of a path.</summary>
    public const char Separator = '.';

    /// <summary>The name that means any name.</summary>
    public const string Any = "*";

    /// <summary>Returns whether a limit of a path is also a limit of all members that another path means.</summary>
    public static bool Covers(string path, string member)
    {
        var (names, others) = (path.Split(Separator), member.Split(Separator));
        return names.Length <= others.Length && names.Zip(others).All(static pair =>
            pair.First == Any || (pair.Second != Any && IsSame(pair.First, pair.Second)));
    }

    /// <summary>Returns whether paths can mean the same member, or one of them a member below the other.</summary>
    public static bool Overlap(string path, string other) => Intersect(path, other) is not null;

    /// <summary>Returns the members that have the limits of both paths; null if there are none.</summary>
    public static string? Intersect(string path, string other)
    {
        var (names, others) = (path.Split(Separator), other.Split(Separator));
        var (longer, shorter) = names.Length >= others.Length ? (names, others) : (others, names);
        for (var i = 0; i < shorter.Length; i++)
        {
            if (longer[i] == Any)
                longer[i] = shorter[i];
            else if (shorter[i] != Any && !IsSame(longer[i], shorter[i]))
                return null;
        }
        return string.Join(Separator, longer);
    }

    /// <summary>Returns whether two names are the same.</summary>
    public static bool IsSame(string one, string other) =>
        string.Equals(Plain(one), Plain(other), StringComparison.OrdinalIgnoreCase);

    private static string Plain(string name) =>
        name.AsSpan().ContainsAny('_', '-')
            ? name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)
            : name;
}
