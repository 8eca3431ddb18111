using System.Runtime.CompilerServices;

namespace Millrace.Security;

/// <summary>
/// The members of a read model's documents that a rule leaves out or masks, in ordinal order. A member below the top
/// level is a path, such as <c>address.street</c>, in which <c>*</c> means any name. A limit of a member is also a
/// limit of the members below it.
/// </summary>
internal sealed record MemberLimits(IReadOnlyList<string> Hidden, IReadOnlyList<string> Masked)
{
    /// <summary>How much of a member a user sees.</summary>
    private enum Level
    {
        Visible,
        Masked,
        Hidden,
    }

    // Combining is slow, and each document of an answer needs it. Rules have few different limits.
    private readonly ConditionalWeakTable<MemberLimits, MemberLimits> _combinations = [];

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
    /// Returns the limits of a user who has both rules. The user sees a member as well as the better rule allows: a
    /// member is left out only if both rules leave it out, and masked only if both rules mask it or leave it out.
    /// </summary>
    public MemberLimits CombineWith(MemberLimits other)
    {
        if (IsNone || other.IsNone)
            return None;
        if (_combinations.TryGetValue(other, out var known))
            return known;
        var combined = Of(
            InBoth(Hidden, other.Hidden), InBoth([.. Hidden, .. Masked], [.. other.Hidden, .. other.Masked]));
        _combinations.AddOrUpdate(other, combined);
        return combined;
    }

    /// <summary>Returns whether these limits are at most as strict as other limits.</summary>
    public bool AllowsAtLeast(MemberLimits other) =>
        Hidden.All(member => other.LevelOf(member) == Level.Hidden)
        && Masked.All(member => other.LevelOf(member) >= Level.Masked);

    public bool Equals(MemberLimits? other) =>
        other is not null && Hidden.SequenceEqual(other.Hidden) && Masked.SequenceEqual(other.Masked);

    public override int GetHashCode() => HashCode.Combine(Hidden.Count, Masked.Count);

    /// <summary>Returns whether a member, or a member below it, is left out or masked.</summary>
    public bool Contains(string member) => Hidden.Concat(Masked).Any(limited => MemberPattern.Overlap(limited, member));

    /// <summary>Returns whether a member is left out, itself or with a member above it.</summary>
    public bool Hides(string member) => LevelOf(member) == Level.Hidden;

    private Level LevelOf(string member) =>
        Covers(Hidden, member) ? Level.Hidden : Covers(Masked, member) ? Level.Masked : Level.Visible;

    private static bool Covers(IReadOnlyList<string> limited, string member)
    {
        for (var i = 0; i < limited.Count; i++)
        {
            if (MemberPattern.Covers(limited[i], member))
                return true;
        }
        return false;
    }

    /// <summary>Returns the members that have a limit in both lists, without those below others.</summary>
    private static List<string> InBoth(IReadOnlyList<string> one, IReadOnlyList<string> other)
    {
        var both = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var first in one)
        {
            foreach (var second in other)
            {
                if (MemberPattern.Intersect(first, second) is { } member)
                    both.Add(member);
            }
        }
        return [.. both.Where(member => !both.Any(above => above != member && MemberPattern.Covers(above, member)
            && (!MemberPattern.Covers(member, above) || string.CompareOrdinal(above, member) < 0)))];
    }
}
