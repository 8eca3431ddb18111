namespace Millrace.Storage.Moves;

/// <summary>A note that a row of the source was written or removed.</summary>
/// <param name="Id">The number of the note.</param>
/// <param name="Table">The table; null for events, which are only ever removed.</param>
/// <param name="Key">The key of the row; for an event its position.</param>
public readonly record struct MoveNote(long Id, MovedTable? Table, MovedRow Key);
