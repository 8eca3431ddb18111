using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing.Immediate;

namespace Millrace;

/// <summary>
/// An immediate view with a row for each group of the documents of a read model, with the number of documents and sums
/// of their values. A change of a document changes the totals of its former and its new group. A group without
/// documents has no row.
/// </summary>
/// <typeparam name="TKey">The type of the keys of the read model.</typeparam>
/// <typeparam name="TDocument">The type of its documents.</typeparam>
/// <typeparam name="TGroup">The type of the groups, which are the keys of the rows.</typeparam>
/// <typeparam name="TRow">The type of the rows.</typeparam>
/// <inheritdoc/>
public abstract class GroupedView<TKey, TDocument, TGroup, TRow> : ImmediateView<TGroup, TRow>
    where TKey : notnull
    where TDocument : class
    where TGroup : notnull
    where TRow : class
{
    /// <summary>Creates a view.</summary>
    /// <param name="name">The stable name, in kebab case.</param>
    /// <param name="version">The version, from 1.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    protected GroupedView(string name, int version = 1)
        : base(name, version)
    {
    }

    /// <summary>Returns whether a document belongs to a group; true by default.</summary>
    protected internal virtual bool Includes(TDocument document) => true;

    /// <summary>Returns the group of a document.</summary>
    protected internal abstract TGroup Group(TDocument document);

    /// <summary>
    /// Returns the values of a document that are added up, in a fixed order; none by default. Every document has the
    /// same number of values.
    /// </summary>
    protected internal virtual IReadOnlyList<decimal> Values(TDocument document) => [];

    /// <summary>Returns the row of a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="totals">The number of its documents, and the sums of their values.</param>
    protected internal abstract TRow Row(TGroup group, GroupTotals totals);

    internal sealed override ImmediateComputation<TGroup, TRow> Create(JsonTypeInfo<TRow> json) =>
        new GroupedComputation<TKey, TDocument, TGroup, TRow>(this, json);
}
