namespace Millrace.Materializing.Immediate;

/// <summary>The difference between the former and the new totals of a group.</summary>
internal sealed class GroupChange<TGroup>
    where TGroup : notnull
{
    /// <summary>The maximum number of groups that are read together.</summary>
    public const int MaxLoadBatch = 500;

    private long _count;
    private bool _hasSubtractions;
    private decimal[]? _sums;

    /// <summary>Gets the group.</summary>
    public TGroup Group { get; private set; } = default!; // Set by the first document.

    /// <summary>Gets whether the totals remain the same.</summary>
    public bool IsEmpty => _count == 0 && _sums?.Any(static sum => sum != 0) != true;

    /// <summary>Adds or subtracts a document.</summary>
    /// <param name="group">Its group.</param>
    /// <param name="sign">1 to add it, -1 to subtract it.</param>
    /// <param name="values">Its values.</param>
    public void Add(TGroup group, int sign, IReadOnlyList<decimal> values)
    {
        Group = group;
        _count += sign;
        _hasSubtractions |= sign < 0;
        _sums ??= new decimal[values.Count];
        RequireCount(values.Count, _sums.Length);
        for (var i = 0; i < _sums.Length; i++)
            _sums[i] = AddExactly(_sums[i], sign * values[i]);
    }

    /// <summary>Returns the new totals; null if the group has no document any more.</summary>
    /// <exception cref="InvalidOperationException">The stored totals cannot be right.</exception>
    /// <exception cref="OverflowException">A sum has too many digits.</exception>
    public GroupTotals? ApplyTo(string key, GroupTotals? stored)
    {
        var sums = _sums ?? [];
        var count = (stored?.Count ?? 0) + _count;
        if (stored is null && !_hasSubtractions)
            return new GroupTotals(count, [.. sums]);
        if (stored is null || count < 0)
            throw new InvalidOperationException(
                $"The group '{key}' would have {count} documents. Its documents changed without the view.");
        RequireCount(sums.Length, stored.Sums.Count);
        var totals = new GroupTotals(count, [.. sums.Select((sum, i) => AddExactly(stored.Sums[i], sum))]);
        if (count > 0)
            return totals;
        return totals.Sums.All(static sum => sum == 0)
            ? null
            : throw new InvalidOperationException(
                $"The group '{key}' has no documents, but a sum. Its documents changed without the view.");
    }

    private static void RequireCount(int count, int expected)
    {
        if (count != expected)
            throw new InvalidOperationException(
                $"A document has {count} values, and another one {expected}. Return the same number for each.");
    }

    /// <summary>A rounded sum would not be the same after a subtraction.</summary>
    private static decimal AddExactly(decimal one, decimal other)
    {
        var sum = one + other;
        return sum.Scale >= Math.Max(one.Scale, other.Scale)
            ? sum
            : throw new OverflowException($"The sum of {one} and {other} has more than 28 digits.");
    }
}
