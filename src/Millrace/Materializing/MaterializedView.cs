using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing;

namespace Millrace;

/// <summary>
/// A materialized view with a query in code. The rows are computed from read models and the log, stored as documents,
/// and read through <see cref="IMaterializedView{TKey, TRow}"/>.
/// </summary>
/// <remarks>
/// A refresh fills a new collection, which then replaces the former one. Readers always find a complete result. One
/// node at a time refreshes a view.
/// </remarks>
/// <inheritdoc/>
public abstract class MaterializedView<TKey, TRow> : ViewDeclaration<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    /// <summary>Creates a view.</summary>
    /// <param name="name">The stable name, in kebab case.</param>
    /// <param name="version">The version, from 1.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    protected MaterializedView(string name, int version = 1)
        : base(name, version)
    {
    }

    /// <summary>
    /// Computes all rows. The method must only read, and through the source, so that the position that the rows reflect
    /// is known. Members with personal data or secrets have their value after erasure.
    /// </summary>
    protected internal abstract IAsyncEnumerable<TRow> Rows(IViewSource source, CancellationToken cancellationToken);

    internal sealed override IAsyncEnumerable<TRow> Compute(
        ViewSource source, JsonTypeInfo<TRow> json, CancellationToken cancellationToken) =>
        Rows(source, cancellationToken);
}
