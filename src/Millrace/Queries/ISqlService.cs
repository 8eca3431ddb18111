namespace Millrace;

/// <summary>
/// Answers questions in SQL about the events, read models, consumers and dead letters of a store. The package
/// <c>Millrace.Sql</c> implements it (<c>UseSql</c>). Thread-safe.
/// </summary>
/// <remarks>
/// Statements only read. Values of encrypted and marked members are replaced by their values after erasure, for every
/// caller.
/// </remarks>
public interface ISqlService
{
    /// <summary>Runs one statement.</summary>
    /// <exception cref="SqlException">The statement is not valid, or it does not only read views.</exception>
    /// <exception cref="SqlLimitException">The statement needs more time or memory than it may use.</exception>
    Task<SqlAnswer> Run(SqlRequest request, CancellationToken cancellationToken = default);

    /// <summary>Lists the views that statements can read, ordered by name.</summary>
    ValueTask<IReadOnlyList<SqlView>> ListViews(CancellationToken cancellationToken = default);

    /// <summary>Checks a statement without running it, and returns the views and members that it names.</summary>
    /// <exception cref="SqlException">The statement is not valid, or it does not only read views.</exception>
    Task<SqlStatementParts> Inspect(SqlRequest request, CancellationToken cancellationToken = default);
}

/// <summary>A statement with its limits. Limits above those of the service are lowered.</summary>
/// <param name="Statement">The statement: one SELECT, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.</param>
public sealed record SqlRequest(string Statement)
{
    /// <summary>Gets the maximum number of rows; null for the limit of the service.</summary>
    public int? MaxRows { get; init; }

    /// <summary>Gets the maximum time, which includes the reading of the store; null for the limit of the
    /// service.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>
    /// Gets a function that receives the names of the views of the statement, in ordinal order, before they are read;
    /// null for none. Audit entries name them also if the statement fails.
    /// </summary>
    public Action<IReadOnlyList<string>>? Reading { get; init; }

    /// <summary>
    /// Gets the views that the statement can name before the store has data for them, with their members.
    /// </summary>
    public IReadOnlyList<SqlDeclaredView> Declared { get; init; } = [];
}

/// <summary>A view that statements can read.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">The kind of its rows.</param>
/// <param name="Source">The stored name of the event type or the collection; empty for other views.</param>
public sealed record SqlView(string Name, SqlViewKind Kind, string Source);

/// <summary>The kind of the rows of a view.</summary>
public enum SqlViewKind
{
    /// <summary>All events.</summary>
    Events,

    /// <summary>The events of one type.</summary>
    EventType,

    /// <summary>The documents of a read model.</summary>
    ReadModel,

    /// <summary>The consumers.</summary>
    Consumers,

    /// <summary>The dead letters.</summary>
    DeadLetters,

    /// <summary>The views.</summary>
    Views,
}
