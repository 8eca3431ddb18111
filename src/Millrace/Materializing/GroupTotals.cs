namespace Millrace;

/// <summary>The number of documents of a group, and the sums of their values.</summary>
public sealed class GroupTotals
{
    private readonly IReadOnlyList<decimal> _sums;

    internal GroupTotals(long count, IReadOnlyList<decimal> sums) => (Count, _sums) = (count, sums);

    /// <summary>Gets the number of documents, which is at least 1.</summary>
    public long Count { get; }

    /// <summary>Gets the sums, in the order of the values of a document.</summary>
    public IReadOnlyList<decimal> Sums => _sums;

    /// <summary>Returns the sum of the values with an index, from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The documents have no such value.</exception>
    public decimal Sum(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _sums.Count);
        return _sums[index];
    }
}
