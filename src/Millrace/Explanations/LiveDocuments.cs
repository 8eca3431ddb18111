using Millrace.Storage;

namespace Millrace;

/// <summary>The documents of a read model: which version readers get, and from which collection, as the catalogue
/// says.</summary>
internal sealed class LiveDocuments(ConsumerHost host)
{
    private readonly ProgressWaiter _waiter = new(host);

    private EventStore Store => host.Store;

    /// <summary>Of the versions of a read model in a model, the one whose documents are read; else the newest; null for
    /// none.</summary>
    public async ValueTask<ProjectionDefinition?> DefinitionOf(
        IEnumerable<ProjectionDefinition> versions, CancellationToken cancellationToken)
    {
        var all = versions.ToList();
        if (all.Count < 2)
            return all.FirstOrDefault();
        await Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        var live = Store.ReadModels.Find(all[0].Name)?.Live;
        return all.Find(one => live is not null && one.Version == CollectionName.VersionOf(live))
            ?? all.MaxBy(one => one.Version);
    }

    /// <summary>
    /// The collection with the documents of a version: the live one, or its own; null for a projection that stores
    /// nothing.
    /// </summary>
    public async ValueTask<string?> CollectionOf(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.Lifecycle != ProjectionLifecycle.Asynchronous)
            return definition.Lifecycle == ProjectionLifecycle.Live ? null : definition.Collection;
        await Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        return Store.ReadModels.Find(definition.Name) is not { } record ? definition.Collection
            : CollectionName.VersionOf(record.Live) == definition.Version ? record.Live
            : VersionCollections.OwnOf(record, definition);
    }

    /// <summary>The collection of another version that readers get, where it is not yet, or no longer, this one's; else
    /// null.</summary>
    public string? OtherThan(ProjectionDefinition definition) =>
        definition.Lifecycle == ProjectionLifecycle.Asynchronous
        && Store.ReadModels.Find(definition.Name) is { } record
        && CollectionName.VersionOf(record.Live) != definition.Version
            ? record.Live
            : null;

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
