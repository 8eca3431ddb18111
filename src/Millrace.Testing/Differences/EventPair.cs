namespace Millrace.Testing;

/// <summary>
/// An expected event and the one that came for it, by their places from 0; null for one that is missing, or was not
/// expected.
/// </summary>
internal sealed record EventPair(int? Expected, int? Actual, IReadOnlyList<ValueDifference> Differences)
{
    public bool IsSame => Expected is not null && Actual is not null && Differences.Count == 0;
}
