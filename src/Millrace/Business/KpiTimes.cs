namespace Millrace.Business;

/// <summary>The values of one figure or member, by the start of the period.</summary>
internal sealed class KpiTimes
{
    private readonly Dictionary<DateTimeOffset, KpiCell> _cells = [];

    public KpiCell? Find(DateTimeOffset start) => _cells.GetValueOrDefault(start);

    /// <summary>Adds values to a period. Returns true if the period had none.</summary>
    public bool Add(DateTimeOffset start, KpiCell cell)
    {
        if (_cells.TryAdd(start, cell))
            return true;
        _cells[start] = _cells[start].Add(cell);
        return false;
    }

    /// <summary>Adds the values of another member.</summary>
    public void AddAll(KpiTimes other)
    {
        foreach (var (start, cell) in other._cells)
            Add(start, cell);
    }

    /// <summary>Returns the values from a time on together.</summary>
    public KpiCell TotalFrom(DateTimeOffset from) => _cells
        .Where(one => one.Key >= from)
        .Aggregate(KpiCell.Empty, static (total, one) => total.Add(one.Value));
}
