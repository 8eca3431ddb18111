namespace Millrace.Security;

/// <summary>
/// The members of a read model's documents that a rule leaves out or masks, in ordinal order. A member below the top
/// level is a path, such as <c>address.street</c>. A limit of a member is also a limit of the members below it.
/// </summary>
internal sealed record MemberLimits(IReadOnlyList<string> Hidden, IReadOnlyList<string> Masked)
{
    /// <summary>Separates the names of a path.</summary>
    public const char Separator = '.';

    /// <summary>How much of a member a user sees.</summary>
    private enum Level
    {
        Visible,
        Masked,
        Hidden,
    }

    public static MemberLimits None { get; } = new([], []);

    public bool IsNone => Hidden.Count == 0 && Masked.Count == 0;

    public static MemberLimits Of(IEnumerable<string> hidden, IEnumerable<string> masked)
    {
        string[] left = [.. hidden.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(
            left,
            [.. masked.Except(left, StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>
    /// Returns the limits of a user who has both rules. The user sees a member as well as the better rule allows.
    /// </summary>
    public MemberLimits CombineWith(MemberLimits other)
    {
        if (IsNone || other.IsNone)
            return None;
        string[] members = [.. Hidden, .. Masked, .. other.Hidden, .. other.Masked];
        return Of(members.Where(member => Best(member) == Level.Hidden), members.Where(member =>
            Best(member) == Level.Masked));

        Level Best(string member) => (Level)Math.Min((int)LevelOf(member), (int)other.LevelOf(member));
    }

    /// <summary>Returns whether these limits are at most as strict as other limits.</summary>
    public bool AllowsAtLeast(MemberLimits other) =>
        Hidden.All(member => other.LevelOf(member) == Level.Hidden)
        && Masked.All(member => other.LevelOf(member) >= Level.Masked);

    public bool Equals(MemberLimits? other) =>
        other is not null && Hidden.SequenceEqual(other.Hidden) && Masked.SequenceEqual(other.Masked);

    public override int GetHashCode() => HashCode.Combine(Hidden.Count, Masked.Count);

    /// <summary>Returns whether a member, or a member below it, is left out or masked.</summary>
    public bool Contains(string member) =>
        LevelOf(member) != Level.Visible || Hidden.Concat(Masked).Any(limited => IsBelow(limited, member));

    /// <summary>Returns whether a member is left out, itself or with a member above it.</summary>
    public bool Hides(string member) => LevelOf(member) == Level.Hidden;

    private static bool IsBelow(string member, string above) =>
        member.Length > above.Length
        && member[above.Length] == Separator
        && member.StartsWith(above, StringComparison.Ordinal);

    private Level LevelOf(string member) =>
        Covers(Hidden, member) ? Level.Hidden : Covers(Masked, member) ? Level.Masked : Level.Visible;

    private static bool Covers(IReadOnlyList<string> limited, string member)
    {
        for (var i = 0; i < limited.Count; i++)
        {
            if (limited[i] == member || IsBelow(member, limited[i]))
                return true;
        }
        return false;
    }
}
