namespace Millrace.Testing.Differences;

/// <summary>
/// An expected event and the matching actual event, by their indexes. An index is null for a missing or unexpected
/// event.
/// </summary>
internal sealed record EventPair(int? Expected, int? Actual, IReadOnlyList<ValueDifference> Differences)
{
    public bool IsSame => Expected is not null && Actual is not null && Differences.Count == 0;
}
