using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>The indexes of the collections of one tenant in a shared storage.</summary>
internal sealed class TenantDocumentIndexes(TenantNames names, IDocumentIndexes shared) : IDocumentIndexes
{
    public bool CanBuild => shared.CanBuild;

    public bool BuildStopsWrites => shared.BuildStopsWrites;

    public ValueTask<IReadOnlyList<DocumentIndex>> List(string collection, CancellationToken cancellationToken) =>
        shared.List(names.ToStored(collection), cancellationToken);

    public ValueTask<bool> Create(string collection, DocumentIndex index, CancellationToken cancellationToken) =>
        shared.Create(names.ToStored(collection), index, cancellationToken);

    public ValueTask<bool> Drop(string collection, string name, CancellationToken cancellationToken) =>
        shared.Drop(names.ToStored(collection), name, cancellationToken);

    public ValueTask<IndexTrial> Try(
        DocumentQuery query, bool isCount, DocumentIndex index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return shared.Try(
            query with { Collection = names.ToStored(query.Collection) }, isCount, index, cancellationToken);
    }
}
