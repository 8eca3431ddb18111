namespace Millrace.Storage.Moves;

/// <summary>A table outside the log. Both storages of a move have this table.</summary>
/// <param name="Name">The name. For documents, this is the name of the collection.</param>
/// <param name="KeyColumns">The number of key columns, which are the first columns.</param>
/// <param name="Columns">The columns.</param>
public sealed record MovedTable(string Name, int KeyColumns, IReadOnlyList<MovedColumn> Columns)
{
    /// <summary>Gets whether the rows are the documents of a collection.</summary>
    public bool IsDocuments { get; init; }
}
