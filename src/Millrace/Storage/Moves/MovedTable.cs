namespace Millrace.Storage.Moves;

/// <summary>A table beside the log, as both storages of a move know it.</summary>
/// <param name="Name">Its name; of documents the collection's.</param>
/// <param name="KeyColumns">How many of the columns, from the first on, are the key.</param>
/// <param name="Columns">Its columns.</param>
internal sealed record MovedTable(string Name, int KeyColumns, IReadOnlyList<MovedColumn> Columns)
{
    /// <summary>Whether its rows are the documents of a collection.</summary>
    public bool IsDocuments { get; init; }
}
