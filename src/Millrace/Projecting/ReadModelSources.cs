using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// Selects, for each read, the collection of a read model, based on the catalog and on the version of the projection.
/// All readers of a node share one object, so that a later read never returns an older state.
/// </summary>
internal sealed class ReadModelSources : ICollectionReader
{
    private readonly ProjectionDefinition _definition;
    private readonly ConsumerHost _host;
    private readonly Lock _lock = new();
    private volatile ReadModelSource? _current;
    private volatile string? _unreadableCollection;

    private ReadModelSources(ProjectionDefinition definition, ConsumerHost host) =>
        (_definition, _host) = (definition, host);

    /// <summary>Returns the shared object of a node.</summary>
    public static ReadModelSources Of(ProjectionDefinition definition, ConsumerHost host) =>
        (ReadModelSources)
            host.Readers.GetOrAdd(
                definition.Collection,
                static (_, arguments) => new ReadModelSources(arguments.definition, arguments.host),
                (definition, host));

    /// <inheritdoc/>
    public bool IsReading(string collection) => _current?.Collection == collection;

    /// <summary>Returns the collection to read now.</summary>
    public ValueTask<ReadModelSource> Current(CancellationToken cancellationToken)
    {
        var isBuilt = _definition.Lifecycle == ProjectionLifecycle.Asynchronous;
        var record = isBuilt ? _host.Store.ReadModels.Find(_definition.Name) : null;
        var nextCollection = record is null ? _definition.Collection : Choose(record);
        var current = _current;
        if (current is not null && current.Collection == nextCollection && current.Epoch == _host.Store.Tail.Head.Epoch)
            return new ValueTask<ReadModelSource>(current);
        return current is not null && CanKeep(current, record) && current.Collection != nextCollection
            ? KeepOrSwitch(current, nextCollection, cancellationToken)
            : new ValueTask<ReadModelSource>(Move(current, nextCollection));
    }

    /// <summary>
    /// Returns whether another collection can be read after a read failed. This is the case if the failed collection
    /// was dropped, or belongs to an older version whose documents this version cannot read.
    /// </summary>
    public async ValueTask<bool> HasOther(
        ReadModelSource failed, Exception failure, CancellationToken cancellationToken)
    {
        await _host.Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        if (await Current(cancellationToken).ConfigureAwait(false) != failed)
            return true;
        // An unavailable storage does not mean that the documents cannot be read.
        if (failed.IsOwn || failure is StorageException { Problem: not StorageProblem.Other })
            return false;
        _unreadableCollection = failed.Collection;
        return await Current(cancellationToken).ConfigureAwait(false) != failed;
    }

    private string Choose(ReadModelRecord record) =>
        record.Live == _unreadableCollection
            ? VersionCollections.OwnOf(record, _definition)
            : VersionCollections.ReadBy(record, _definition);

    /// <summary>Returns true if a collection that the catalog no longer selects can still be read.</summary>
    private bool CanKeep(ReadModelSource current, ReadModelRecord? record) =>
        record?.Contains(current.Collection) == true && current.Collection != _unreadableCollection;

    /// <summary>
    /// Keeps the current collection until the next one has reached the positions that were returned when the switch was
    /// noticed. Immediately after a switch, the previous collection can be ahead, because it is still updated. After
    /// that, reads use the next collection, and wait until it has reached all returned positions.
    /// </summary>
    private async ValueTask<ReadModelSource> KeepOrSwitch(
        ReadModelSource current, string nextCollection, CancellationToken cancellationToken)
    {
        var returnedPosition = current.ReturnedBeforeSwitch(nextCollection);
        var reached = await new FreshnessGate(_host, nextCollection)
            .WaitFor(returnedPosition, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        return reached < returnedPosition ? current : Move(current, nextCollection);
    }

    private ReadModelSource Move(ReadModelSource? from, string to)
    {
        lock (_lock)
        {
            if (_current is { } latest && latest != from)
                return latest; // Another read has already switched.
            var isOwn = CollectionName.VersionOf(to) == _definition.Version;
            var next = new ReadModelSource(to, new FreshnessGate(_host, to), isOwn, _host.Store.Tail.Head.Epoch);
            // An unreadable collection must not delay a readable one.
            if (from is not null && from.Collection != _unreadableCollection)
                from.ReplaceWith(next);
            _current = next;
            return next;
        }
    }
}
