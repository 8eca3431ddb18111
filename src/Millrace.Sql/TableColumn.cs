namespace Millrace.Sql;

/// <summary>A column of a loaded table with a fixed type.</summary>
/// <param name="Name">The name in the view.</param>
/// <param name="Type">The type in the loaded table.</param>
internal sealed record TableColumn(string Name, string Type)
{
    /// <summary>Gets whether the view shows the text as JSON. A text that the engine cannot read as JSON is
    /// NULL.</summary>
    public bool IsJson { get; init; }

    /// <summary>Gets the column whose text the view shows; this one is then not stored. Null for its own.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the expression of the column in the view.</summary>
    public string Expression =>
        IsJson ? $"TRY_CAST({SqlNames.Quote(Source ?? Name)} AS JSON)" : SqlNames.Quote(Name);
}
