using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing;

namespace Millrace;

/// <summary>
/// A materialized view with a query in SQL over the events and read models of the application. It needs the package
/// <c>Millrace.Sql</c> (<c>UseSql</c>), whose limits and masks apply.
/// </summary>
/// <remarks>
/// Each member of the rows needs a column of the same name, ignoring case and underscores, and each column needs a
/// member. The statement can read the views <c>events</c>, <c>event_TYPE</c> and <c>model_NAME</c>.
/// </remarks>
/// <inheritdoc/>
public sealed class SqlMaterializedView<TKey, TRow> : ViewDeclaration<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private readonly Func<TRow, TKey> _key;

    /// <summary>Creates a view.</summary>
    /// <param name="name">The stable name, in kebab case.</param>
    /// <param name="statement">The statement: a SELECT, FROM or WITH. Another statement is another declaration, which
    /// has its own rows.</param>
    /// <param name="key">Returns the key of a row.</param>
    /// <param name="version">The version, from 1.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    public SqlMaterializedView(string name, string statement, Func<TRow, TKey> key, int version = 1)
        : base(name, version)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(statement);
        ArgumentNullException.ThrowIfNull(key);
        (Statement, _key) = (statement, key);
    }

    /// <summary>Gets the statement.</summary>
    public string Statement { get; }

    /// <summary>Gets when the rows are computed again; scheduled by default.</summary>
    public ViewRefresh Policy { get; init; } = ViewRefresh.Scheduled();

    /// <summary>
    /// Gets whether the view is refreshed even if the log has no new events, because the statement uses the current
    /// time; false by default.
    /// </summary>
    public bool UsesTime { get; init; }

    /// <inheritdoc/>
    protected internal override ViewRefresh Refresh => Policy;

    /// <inheritdoc/>
    protected internal override bool DependsOnTime => UsesTime;

    internal override string Text => Statement;

    internal override bool IsSql => true;

    /// <inheritdoc/>
    protected internal override TKey Key(TRow row) => _key(row);

    internal override async ValueTask Check(
        SqlViewReader? sql, JsonTypeInfo<TRow> json, CancellationToken cancellationToken)
    {
        var columns = await Require(sql).Check(Name, Statement, cancellationToken).ConfigureAwait(false);
        SqlRowReader<TRow>.RequireMembers(Name, json);
        if (columns is not null)
            SqlRowReader<TRow>.Match(Name, columns, json);
    }

    internal override async IAsyncEnumerable<TRow> Compute(
        ViewSource source,
        JsonTypeInfo<TRow> json,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sql = Require(source.Sql);
        var answer = await sql.Run(Name, Statement, source, cancellationToken).ConfigureAwait(false);
        var reader = new SqlRowReader<TRow>(Name, answer.Columns, json);
        foreach (var row in answer.Rows)
            yield return reader.Read(row);
    }

    private SqlViewReader Require(SqlViewReader? sql) => sql ?? throw new ViewDeclarationException(
        Name, "it is declared in SQL, and the application has no SQL. Reference Millrace.Sql and call UseSql().");
}
