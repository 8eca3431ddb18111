namespace Millrace;

/// <summary>The answer to a SQL statement.</summary>
public sealed record SqlAnswer
{
    /// <summary>Gets the columns.</summary>
    public required IReadOnlyList<SqlColumn> Columns { get; init; }

    /// <summary>Gets the rows, each with one text for each column; null for NULL.</summary>
    public required IReadOnlyList<IReadOnlyList<string?>> Rows { get; init; }

    /// <summary>Gets the views that the statement read.</summary>
    public IReadOnlyList<SqlView> Views { get; init; } = [];

    /// <summary>Gets whether the statement had more rows than the limits of rows and bytes allow.</summary>
    public bool IsCut { get; init; }

    /// <summary>Gets the position of the log up to which the statement saw events.</summary>
    public required long Position { get; init; }

    /// <summary>Gets the time that the statement took.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>A column of an answer.</summary>
/// <param name="Name">The name; names may repeat.</param>
/// <param name="Type">The SQL type, such as <c>BIGINT</c> or <c>DECIMAL(18,2)</c>.</param>
public sealed record SqlColumn(string Name, string Type)
{
    /// <summary>Gets the form of the values in JSON.</summary>
    public SqlValueKind Kind { get; init; }
}

/// <summary>The form of a column's values in JSON.</summary>
public enum SqlValueKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number, or a text for values that JSON numbers cannot express, such as infinity.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>JSON, which is written as it is.</summary>
    Json,
}
