using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>
/// Removes collections that no switch will use. A node that reads a retired collection extends the time of the
/// collection. The collection is removed when its time has expired. A collection that no row contains is removed as
/// soon as no node runs its consumer. Each run retries the failed removals of earlier runs.
/// </summary>
internal sealed class RetiredCollectionCleaner(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
{
    private readonly SwitchoverCheck _check = new(host.Store);
    private readonly Dictionary<string, DateTimeOffset> _retryAfter = [];
    private DateTimeOffset _searchedAt = DateTimeOffset.MinValue;

    private ReadModelCatalog Catalog => host.Store.ReadModels;

    private IStorage Storage => host.Store.Storage;

    private TimeSpan Retention => host.Options.KeepRetired;

    /// <summary>
    /// Extends the time of the collections that this node reads, and removes expired collections, by the storage's
    /// clock.
    /// </summary>
    public async ValueTask RunOnce(CancellationToken cancellationToken)
    {
        var now = await host.Clock.Now(cancellationToken).ConfigureAwait(false);
        foreach (var definition in definitions)
        {
            if (Catalog.Find(definition.Name) is { Retired.Count: > 0 } record)
                await ExtendRetention(record, definition.Version, now, cancellationToken).ConfigureAwait(false);
        }
        if (!host.Options.IsEnabled)
            return;
        foreach (var record in Catalog.All)
        {
            foreach (var retired in record.Retired)
            {
                if (retired.Until <= now)
                    await Remove(retired.Name, now, cancellationToken).ConfigureAwait(false);
            }
        }
        // Runs as often as leases expire, because the collections of a killed node are free after that time.
        if (now - _searchedAt < host.Options.LeaseDuration)
            return;
        await RemoveUnlisted(now, cancellationToken).ConfigureAwait(false);
        _searchedAt = now;
    }

    private async ValueTask ExtendRetention(
        ReadModelRecord record, int version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var extended = record;
        foreach (var retired in record.Retired)
        {
            var isRead =
                CollectionName.VersionOf(retired.Name) == version
                || host.Readers.Values.Any(reader => reader.IsReading(retired.Name));
            if (isRead && retired.Until - now < Retention / 2)
                extended = ReadModelChanges.Retain(extended, retired.Name, now + Retention);
        }
        if (ReferenceEquals(extended, record))
            return;
        try
        {
            // If the row has changed, the next run extends the time.
            await Catalog.Put(extended, null, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException exception) when (exception.Problem == StorageProblem.ReadOnly)
        {
            // A node with read-only access cannot extend the time.
        }
    }

    /// <summary>
    /// Removes collections that a failed drop, a killed node or an older build did not remove. Such a collection has a
    /// consumer, and the row of its read model does not contain it. If the row contains no other collection of the same
    /// version, the collection is retired instead.
    /// </summary>
    private async ValueTask RemoveUnlisted(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unlisted = new List<string>();
        foreach (var lease in await Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (Catalog.Find(CollectionName.NameOf(lease.Consumer)) is { } record && !record.Contains(lease.Consumer))
                unlisted.Add(lease.Consumer);
        }
        if (unlisted.Count == 0)
            return;
        foreach (var collection in await Storage.Documents.List(cancellationToken).ConfigureAwait(false))
        {
            var name = collection.Definition.Name;
            if (!unlisted.Contains(name) || Catalog.Find(CollectionName.NameOf(name)) is not { } record)
                continue;
            if (VersionCollections.HasOf(record, CollectionName.VersionOf(name)))
                await Remove(name, now, cancellationToken).ConfigureAwait(false);
            else
                await Catalog
                    .Put(ReadModelChanges.Retain(record, name, now + Retention), null, cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    private async ValueTask Remove(string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_retryAfter.TryGetValue(collection, out var until) && now < until)
            return;
        try
        {
            if (await _check.IsMaintained(collection, cancellationToken).ConfigureAwait(false))
                return;
            await FollowerStates.RemoveOf(host.Store, collection, cancellationToken).ConfigureAwait(false);
            if (!await Storage.Documents.Drop(collection, now, cancellationToken).ConfigureAwait(false))
                return;
            _retryAfter.Remove(collection);
            ConsumerLog.Removed(host.Logger, collection);
            await Catalog.Refresh(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException exception)
        {
            // The removal of other collections continues. After a failure, for example because of a running dump, the
            // next attempt waits.
            _retryAfter[collection] = now + host.Options.LeaseDuration;
            ConsumerLog.CannotRemove(host.Logger, collection, exception);
        }
    }
}
