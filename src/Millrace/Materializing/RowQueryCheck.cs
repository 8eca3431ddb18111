using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Checks that a query of a view uses indexed members and valid numbers.</summary>
internal static class RowQueryCheck
{
    /// <exception cref="ArgumentException">A member is not indexed, or a number is out of range.</exception>
    public static void Check<TRow>(ReadQuery query, IReadOnlyList<DocumentField<TRow>> members)
    {
        if (query.Limit is < 1 or > 1_000)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, "Limit: must be from 1 to 1,000.");
        if (query.Skip < 0)
            throw new ArgumentOutOfRangeException(nameof(query), query.Skip, "Skip: must be 0 or more.");
        Check(query.Conditions, members);
        if (query.OrderBy is not null)
            CheckMember(query.OrderBy, members);
    }

    /// <exception cref="ArgumentException">A member is not indexed.</exception>
    public static void Check<TRow>(
        IReadOnlyList<FieldCondition> conditions, IReadOnlyList<DocumentField<TRow>> members)
    {
        foreach (var condition in conditions)
            CheckMember(condition.Field, members);
    }

    private static void CheckMember<TRow>(string member, IReadOnlyList<DocumentField<TRow>> members)
    {
        if (members.Any(known => known.Name == member))
            return;
        var names = members.Count == 0 ? "none" : string.Join(", ", members.Select(known => known.Name));
        throw new ArgumentException(
            $"'{member}' is not an indexed member of {typeof(TRow).Name} (indexed: {names}). Mark it with [Indexed].",
            nameof(member));
    }
}
