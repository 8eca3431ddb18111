using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing;
using Millrace.Materializing.Immediate;

namespace Millrace;

/// <summary>
/// The declaration of a materialized view whose rows change in the commits that change the documents of a read model.
/// Derive from <see cref="MappedView{TKey, TDocument, TRow}"/> for a row per document, and from
/// <see cref="GroupedView{TKey, TDocument, TGroup, TRow}"/> for counts and sums.
/// </summary>
/// <remarks>
/// The projection of the documents must be asynchronous and not divided into partitions. The methods of a view must be
/// pure and fast, because the projection calls them for each document that it changes. An exception invalidates the
/// view, which is then built again, and never affects the read model.
/// </remarks>
/// <typeparam name="TKey">The type of the key of a row.</typeparam>
/// <typeparam name="TRow">The type of the rows, which is an immutable record. Queries filter and sort by its members
/// that are marked <see cref="IndexedAttribute"/>.</typeparam>
public abstract class ImmediateView<TKey, TRow>
    where TKey : notnull
    where TRow : class
{
    private protected ImmediateView(string name, int version)
    {
        ViewName.Require(name, version);
        (Name, Version) = (name, version);
    }

    /// <summary>Gets the stable name, in kebab case.</summary>
    public string Name { get; }

    /// <summary>
    /// Gets the version, from 1. Raise it when the methods of the view change: the new version is built separately.
    /// Otherwise, rows of unchanged documents keep the former values.
    /// </summary>
    public int Version { get; }

    /// <summary>
    /// Gets the members by which queries filter and sort; null, the default, for the members that are marked
    /// <see cref="IndexedAttribute"/>. Override it for members that wrap a value.
    /// </summary>
    protected internal virtual IReadOnlyList<DocumentField<TRow>>? Fields => null;

    /// <summary>
    /// Gets the name of the projection whose documents the view reads; null, the default, for the only one with such
    /// documents.
    /// </summary>
    protected internal virtual string? Projection => null;

    /// <summary>Gets the time for which a read waits for the rows of a new view; 30 seconds by default.</summary>
    protected internal virtual TimeSpan FirstWait => TimeSpan.FromSeconds(30);

    /// <summary>Creates the computation of the view.</summary>
    /// <exception cref="ViewDeclarationException">The view cannot be used.</exception>
    internal abstract ImmediateComputation<TKey, TRow> Create(JsonTypeInfo<TRow> json);
}
