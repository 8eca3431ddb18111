using System.Text.Json.Serialization.Metadata;
using Millrace.Materializing.Immediate;

namespace Millrace;

/// <summary>
/// An immediate view with at most one row for each document of a read model. The key of a row is that of its document.
/// </summary>
/// <typeparam name="TKey">The type of the keys of the read model.</typeparam>
/// <typeparam name="TDocument">The type of its documents.</typeparam>
/// <typeparam name="TRow">The type of the rows.</typeparam>
/// <inheritdoc/>
public abstract class MappedView<TKey, TDocument, TRow> : ImmediateView<TKey, TRow>
    where TKey : notnull
    where TDocument : class
    where TRow : class
{
    /// <summary>Creates a view.</summary>
    /// <param name="name">The stable name, in kebab case.</param>
    /// <param name="version">The version, from 1.</param>
    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    protected MappedView(string name, int version = 1)
        : base(name, version)
    {
    }

    /// <summary>
    /// Returns the row of a document; null if it has none. Members with personal data or secrets have their value after
    /// erasure. The method must be pure.
    /// </summary>
    protected internal abstract TRow? Map(TDocument document);

    internal sealed override ImmediateComputation<TKey, TRow> Create(JsonTypeInfo<TRow> json) =>
        new MappedComputation<TKey, TDocument, TRow>(this, json);
}
