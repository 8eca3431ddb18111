using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>
/// The numbers of the changes that were applied last, by row. Objects that two nodes wrote at the same time are near
/// each other, so that a limited number of changes is enough.
/// </summary>
internal sealed class AppliedChanges(int maxRows = 1_000_000)
{
    private Dictionary<(string Table, MovedRow Key), long> _newer = [];
    private Dictionary<(string Table, MovedRow Key), long> _older = [];

    /// <summary>Adds a change. Returns false if a later change of the row was applied.</summary>
    public bool Add((string Table, MovedRow Key) row, long number)
    {
        if ((_newer.TryGetValue(row, out var applied) || _older.TryGetValue(row, out applied)) && applied > number)
            return false;
        _newer[row] = number;
        if (_newer.Count >= maxRows / 2)
            (_older, _newer) = (_newer, []);
        return true;
    }
}
