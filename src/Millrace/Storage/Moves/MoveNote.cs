namespace Millrace.Storage.Moves;

/// <summary>That a row of a source was written or removed.</summary>
/// <param name="Id">The note's number.</param>
/// <param name="Table">The table; null for events, which are only ever removed.</param>
/// <param name="Key">The row's key; for an event its position.</param>
internal readonly record struct MoveNote(long Id, MovedTable? Table, MovedRow Key);
