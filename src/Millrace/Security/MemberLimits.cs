namespace Millrace.Security;

/// <summary>The members of a read model's documents that a rule leaves out or masks, in ordinal order.</summary>
internal sealed record MemberLimits(IReadOnlyList<string> Hidden, IReadOnlyList<string> Masked)
{
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
    public MemberLimits CombineWith(MemberLimits other) =>
        IsNone || other.IsNone
            ? None
            : Of(
                Hidden.Where(other.Hidden.Contains),
                Hidden.Concat(Masked).Where(member =>
                    (Masked.Contains(member) || other.Masked.Contains(member)) && other.Contains(member)));

    /// <summary>Returns whether these limits are at most as strict as other limits.</summary>
    public bool AllowsAtLeast(MemberLimits other) =>
        Hidden.All(other.Hidden.Contains) && Masked.All(other.Contains);

    public bool Equals(MemberLimits? other) =>
        other is not null && Hidden.SequenceEqual(other.Hidden) && Masked.SequenceEqual(other.Masked);

    public override int GetHashCode() => HashCode.Combine(Hidden.Count, Masked.Count);

    /// <summary>Returns whether a member is left out or masked.</summary>
    public bool Contains(string member) => Hidden.Contains(member) || Masked.Contains(member);
}
