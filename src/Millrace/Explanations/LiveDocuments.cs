using Millrace.Storage;

namespace Millrace;

/// <summary>The documents of a read model as readers get them: from the collection that the catalogue says is live.</summary>
internal sealed class LiveDocuments(ConsumerHost host)
{
    private readonly ProgressWaiter _waiter = new(host);

    private EventStore Store => host.Store;

    /// <summary>The collection that is read; null for a projection that stores nothing.</summary>
    public async ValueTask<string?> CollectionOf(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.Lifecycle == ProjectionLifecycle.Live)
            return null;
        if (definition.Lifecycle == ProjectionLifecycle.Inline)
            return definition.Collection;
        await Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        return Store.ReadModels.Find(definition.Name)?.Live ?? definition.Collection;
    }

    /// <summary>How far the collection is.</summary>
    public ValueTask<long> Reached(string collection, CancellationToken cancellationToken) =>
        _waiter.Wait(collection, long.MaxValue, TimeSpan.Zero, cancellationToken);

    /// <summary>Those of the documents that there are; null when the collection was never made.</summary>
    public async ValueTask<IReadOnlyList<Document>?> Find(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        try
        {
            return await Store.Storage.Documents.GetMany(collection, keys, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException missing) when (missing.Problem == StorageProblem.Other)
        {
            return null;
        }
    }
}
