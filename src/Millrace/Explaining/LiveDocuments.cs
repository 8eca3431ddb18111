using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// Finds the version and the collection from which a read model is read. The catalog of read models determines them.
/// </summary>
internal sealed class LiveDocuments(ConsumerHost host)
{
    private readonly ProgressWaiter _waiter = new(host);

    private EventStore Store => host.Store;

    /// <summary>
    /// Returns the version of a read model that readers use. If they use none of the versions, returns the newest
    /// version, or null if there is no version.
    /// </summary>
    public async ValueTask<ProjectionDefinition?> DefinitionOf(
        IEnumerable<ProjectionDefinition> versions, CancellationToken cancellationToken)
    {
        var all = versions.ToList();
        if (all.Count < 2)
            return all.FirstOrDefault();
        await Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        var live = Store.ReadModels.Find(all[0].Name)?.Live;
        return all.Find(version => live is not null && version.Version == CollectionName.VersionOf(live))
            ?? all.MaxBy(version => version.Version);
    }

    /// <summary>
    /// Returns the collection with the documents of a version, which is the live collection or the version's own
    /// collection. Returns null for a projection that stores no documents.
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

    /// <summary>Returns the collection that readers use if it belongs to another version; otherwise null.</summary>
    public string? LiveOfOtherVersion(ProjectionDefinition definition) =>
        definition.Lifecycle == ProjectionLifecycle.Asynchronous
        && Store.ReadModels.Find(definition.Name) is { } record
        && CollectionName.VersionOf(record.Live) != definition.Version
            ? record.Live
            : null;

    /// <summary>Returns the position that a collection has reached.</summary>
    public ValueTask<long> Reached(string collection, CancellationToken cancellationToken) =>
        _waiter.Wait(collection, long.MaxValue, TimeSpan.Zero, cancellationToken);

    /// <summary>Returns the existing documents of some keys, or null if the collection was never created.</summary>
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
