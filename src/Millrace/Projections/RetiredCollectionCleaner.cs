using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Looks after the collections that nobody is going to switch to: those of other versions stay as long as a node reads
/// them, and go when none has put that off in time; what nobody names goes as soon as nobody works on it. Every look
/// does what the one before could not.
/// </summary>
internal sealed class RetiredCollectionCleaner(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
{
    private readonly SwitchoverCheck _check = new(host.Store);
    private readonly Dictionary<string, DateTimeOffset> _restUntil = [];
    private DateTimeOffset _searchedAt = DateTimeOffset.MinValue;

    private ReadModelCatalog Catalog => host.Store.ReadModels;

    private IStorage Storage => host.Store.Storage;

    private TimeSpan Grace => host.Options.KeepRetired;

    /// <summary>Puts off the end of what this node reads, and removes what has come to its end, by the storage's
    /// clock.</summary>
    public async ValueTask RunOnce(CancellationToken cancellationToken)
    {
        var now = await host.Clock.Now(cancellationToken).ConfigureAwait(false);
        foreach (var definition in definitions)
        {
            if (Catalog.Find(definition.Name) is { Retired.Count: > 0 } record)
                await PutOff(record, definition.Version, now, cancellationToken).ConfigureAwait(false);
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
        // As often as leases run out: what a node left behind that was killed is free from then on.
        if (now - _searchedAt < host.Options.LeaseDuration)
            return;
        await RemoveUnnamed(now, cancellationToken).ConfigureAwait(false);
        _searchedAt = now;
    }

    private async ValueTask PutOff(
        ReadModelRecord record, int version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var later = record;
        foreach (var retired in record.Retired)
        {
            var isRead =
                CollectionName.VersionOf(retired.Name) == version
                || host.Readers.Values.Any(one => one.IsReading(retired.Name));
            if (isRead && retired.Until - now < Grace / 2)
                later = ReadModelChanges.Retain(later, retired.Name, now + Grace);
        }
        if (ReferenceEquals(later, record))
            return;
        try
        {
            // The next look does it where the row has moved on.
            await Catalog.Put(later, null, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException refused) when (refused.Problem == StorageProblem.ReadOnly)
        {
            // Who may only read cannot say that it does.
        }
    }

    /// <summary>
    /// Finds collections that a drop which failed, a node that was killed, or an older build has left behind: with a
    /// consumer, of a read model whose row does not name them.
    /// </summary>
    private async ValueTask RemoveUnnamed(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var unnamed = new List<string>();
        foreach (var one in await Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (Catalog.Find(CollectionName.NameOf(one.Consumer)) is { } record && !record.Mentions(one.Consumer))
                unnamed.Add(one.Consumer);
        }
        if (unnamed.Count == 0)
            return;
        foreach (var collection in await Storage.Documents.List(cancellationToken).ConfigureAwait(false))
        {
            var name = collection.Definition.Name;
            if (!unnamed.Contains(name) || Catalog.Find(CollectionName.NameOf(name)) is not { } record)
                continue;
            if (VersionCollections.HasOf(record, CollectionName.VersionOf(name)))
                await Remove(name, now, cancellationToken).ConfigureAwait(false);
            else
                await Catalog
                    .Put(ReadModelChanges.Retain(record, name, now + Grace), null, cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    private async ValueTask Remove(string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_restUntil.TryGetValue(collection, out var until) && now < until)
            return;
        try
        {
            if (await _check.IsHeld(collection, cancellationToken).ConfigureAwait(false)
                || !await Storage.Documents.Drop(collection, now, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
            _restUntil.Remove(collection);
            ConsumerLog.Removed(host.Logger, collection);
            await Catalog.Refresh(cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException failure)
        {
            // The others are not held up by it, and what stands in its way, a dump perhaps, is not asked again at every
            // look.
            _restUntil[collection] = now + host.Options.LeaseDuration;
            ConsumerLog.CannotRemove(host.Logger, collection, failure);
        }
    }
}
