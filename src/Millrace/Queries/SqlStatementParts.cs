namespace Millrace;

/// <summary>What a statement names.</summary>
public sealed record SqlStatementParts
{
    /// <summary>Gets the views that the statement reads.</summary>
    public required IReadOnlyList<SqlView> Views { get; init; }

    /// <summary>Gets the members of views that the statement names, also in paths of JSON.</summary>
    public required IReadOnlyList<SqlMember> Members { get; init; }

    /// <summary>
    /// Gets the names of the columns of the answer; null if they follow only from the data, as with <c>*</c>.
    /// </summary>
    public IReadOnlyList<string>? Columns { get; init; }
}

/// <summary>A member that a statement names.</summary>
/// <param name="View">The name of the view; null if the statement does not qualify the member.</param>
/// <param name="Name">The name as in the statement.</param>
public sealed record SqlMember(string? View, string Name);
