namespace Millrace.Storage.Moves;

/// <summary>A table outside the log, as both storages of a move know it.</summary>
/// <param name="Name">The name; for documents the name of the collection.</param>
/// <param name="KeyColumns">The number of key columns, which come first.</param>
/// <param name="Columns">The columns.</param>
internal sealed record MovedTable(string Name, int KeyColumns, IReadOnlyList<MovedColumn> Columns)
{
    /// <summary>Gets whether the rows are the documents of a collection.</summary>
    public bool IsDocuments { get; init; }
}
