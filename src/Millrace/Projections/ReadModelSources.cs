using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Chooses, read by read, which collection answers for a read model: what the catalogue says, for this version of it.
/// One for all readers of a node: what one of them was shown, none is shown older.
/// </summary>
internal sealed class ReadModelSources : ICollectionReader
{
    private readonly ProjectionDefinition _definition;
    private readonly ConsumerHost _host;
    private readonly Lock _lock = new();
    private volatile ReadModelSource? _current;
    private volatile string? _unreadable;

    private ReadModelSources(ProjectionDefinition definition, ConsumerHost host) =>
        (_definition, _host) = (definition, host);

    /// <summary>The one of a node.</summary>
    public static ReadModelSources Of(ProjectionDefinition definition, ConsumerHost host) =>
        (ReadModelSources)
            host.Readers.GetOrAdd(
                definition.Collection,
                static (_, made) => new ReadModelSources(made.definition, made.host),
                (definition, host));

    /// <inheritdoc/>
    public bool IsReading(string collection) => _current?.Collection == collection;

    /// <summary>The collection to read now.</summary>
    public ValueTask<ReadModelSource> Current(CancellationToken cancellationToken)
    {
        var isBuilt = _definition.Lifecycle == ProjectionLifecycle.Asynchronous;
        var record = isBuilt ? _host.Store.ReadModels.Find(_definition.Name) : null;
        var wanted = record is null ? _definition.Collection : Choose(record);
        var current = _current;
        if (current is not null && current.Collection == wanted && current.Epoch == _host.Store.Tail.Head.Epoch)
            return new ValueTask<ReadModelSource>(current);
        return current is not null && CanKeep(current, record) && current.Collection != wanted
            ? KeepOrSwitch(current, wanted, cancellationToken)
            : new ValueTask<ReadModelSource>(Move(current, wanted));
    }

    /// <summary>
    /// Whether there is another collection to read after one failed: it was dropped meanwhile, or it is of an older
    /// version whose documents this one cannot read.
    /// </summary>
    public async ValueTask<bool> HasOther(
        ReadModelSource failed, Exception failure, CancellationToken cancellationToken)
    {
        await _host.Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        if (await Current(cancellationToken).ConfigureAwait(false) != failed)
            return true;
        // A storage that cannot be reached says nothing about the documents.
        if (failed.IsOwn || failure is StorageException { Problem: not StorageProblem.Other })
            return false;
        _unreadable = failed.Collection;
        return await Current(cancellationToken).ConfigureAwait(false) != failed;
    }

    private string Choose(ReadModelRecord record)
    {
        var live = CollectionName.VersionOf(record.Live);
        // Until the new version has caught up, its nodes serve the old one. Old nodes go on with their own, as long as
        // they run.
        return live == _definition.Version || (live < _definition.Version && record.Live != _unreadable)
            ? record.Live
            : VersionCollections.OwnOf(record, _definition);
    }

    /// <summary>Whether a collection can still be read that the catalogue would no longer choose.</summary>
    private bool CanKeep(ReadModelSource current, ReadModelRecord? record) =>
        record?.Mentions(current.Collection) == true && current.Collection != _unreadable;

    /// <summary>
    /// Stays as long as the collection that is to be read has not even reached what was shown when that was noticed:
    /// for the moment after a switch in which the one before, which is kept up to date, was ahead. One that has, and
    /// goes on, is waited for.
    /// </summary>
    private async ValueTask<ReadModelSource> KeepOrSwitch(
        ReadModelSource current, string wanted, CancellationToken cancellationToken)
    {
        var shown = current.ShownBeforeSwitch(wanted);
        var reached = await new FreshnessGate(_host, wanted)
            .WaitFor(shown, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        return reached < shown ? current : Move(current, wanted);
    }

    private ReadModelSource Move(ReadModelSource? from, string to)
    {
        lock (_lock)
        {
            if (_current is { } now && now != from)
                return now; // Another read has moved already.
            var isOwn = CollectionName.VersionOf(to) == _definition.Version;
            var next = new ReadModelSource(to, new FreshnessGate(_host, to), isOwn, _host.Store.Tail.Head.Epoch);
            // Documents that cannot be read hold nothing up that can.
            if (from is not null && from.Collection != _unreadable)
                from.ReplaceWith(next);
            _current = next;
            return next;
        }
    }
}
