using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing;

namespace Millrace;

/// <summary>
/// The declaration of a materialized view: a query whose rows are stored as documents and refreshed by a policy. Derive
/// from <see cref="MaterializedView{TKey, TRow}"/> for a query in code, and use
/// <see cref="SqlMaterializedView{TKey, TRow}"/> for a query in SQL.
/// </summary>
/// <typeparam name="TKey">The type of the key of a row, such as an id, a text, a date or a number.</typeparam>
/// <typeparam name="TRow">The type of the rows, which is an immutable record. Queries filter and sort by its members
/// that are marked <see cref="IndexedAttribute"/>.</typeparam>
public abstract class ViewDeclaration<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private protected ViewDeclaration(string name, int version)
    {
        ViewName.Require(name, version);
        (Name, Version) = (name, version);
    }

    /// <summary>Gets the stable name, in kebab case.</summary>
    public string Name { get; }

    /// <summary>
    /// Gets the version, from 1. Raise it when the query in code changes: the new version is built separately, and
    /// nodes of the old version continue with theirs.
    /// </summary>
    public int Version { get; }

    /// <summary>
    /// Gets when the rows are computed again; by default at an interval from 5 seconds to 5 minutes that follows how
    /// often the view is read.
    /// </summary>
    protected internal virtual ViewRefresh Refresh => ViewRefresh.Scheduled();

    /// <summary>
    /// Gets whether the rows depend on the time of the refresh; false by default. Such a view is refreshed even if the
    /// log has no new events.
    /// </summary>
    protected internal virtual bool DependsOnTime => false;

    /// <summary>
    /// Gets the members by which queries filter and sort; null, the default, for the members that are marked
    /// <see cref="IndexedAttribute"/>. Override it for members that wrap a value.
    /// </summary>
    protected internal virtual IReadOnlyList<DocumentField<TRow>>? Fields => null;

    /// <summary>Returns the key of a row. Two rows of a view cannot have the same key.</summary>
    protected internal abstract TKey Key(TRow row);

    /// <summary>Gets the part of the declaration that changes the rows, besides their members.</summary>
    internal virtual string Text => "";

    /// <summary>Gets whether the query is a SQL statement.</summary>
    internal virtual bool IsSql => false;

    /// <summary>Checks what depends on the store, when the node starts.</summary>
    /// <exception cref="ViewDeclarationException">The view cannot be used.</exception>
    internal virtual ValueTask Check(
        SqlViewReader? sql, JsonTypeInfo<TRow> json, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Computes the rows.</summary>
    internal abstract IAsyncEnumerable<TRow> Compute(
        ViewSource source, JsonTypeInfo<TRow> json, CancellationToken cancellationToken);
}
