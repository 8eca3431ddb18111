namespace Millrace.Storage.Moves;

/// <summary>A note that a row of the source was written or removed.</summary>
/// <param name="Id">The number of the note.</param>
/// <param name="Table">The table; null for events. Notes about events only record removals.</param>
/// <param name="Key">The key of the row. For an event, this is the position.</param>
internal readonly record struct MoveNote(long Id, MovedTable? Table, MovedRow Key);
