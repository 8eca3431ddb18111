using Millrace.Storage;

namespace Millrace;

/// <summary>Chooses, read by read, which collection answers for a read model: what the catalogue says, for this version of it.</summary>
internal sealed class ReadSources(ProjectionDefinition definition, ConsumerHost host)
{
    private volatile ReadSource? _last;
    private volatile string? _unreadable;

    /// <summary>The collection to read now.</summary>
    public ReadSource Current()
    {
        var record = definition.Lifecycle == ProjectionLifecycle.Asynchronous ? host.Store.ReadModels.Find(definition.Name) : null;
        var collection = record is null ? definition.Collection : Choose(record);
        var last = _last;
        if (last is not null && (last.Collection == collection || MustStay(last, collection, record)))
            return last;
        var isOwn = CollectionName.VersionOf(collection) == definition.Version;
        return _last = new ReadSource(collection, new FreshnessGate(host, collection), isOwn);
    }

    /// <summary>
    /// Whether there is another collection to read after one failed: it was dropped meanwhile, or it is of an older version whose documents
    /// this one cannot read.
    /// </summary>
    public async ValueTask<bool> HasOther(ReadSource failed, CancellationToken cancellationToken)
    {
        await host.Store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        if (Current() != failed)
            return true;
        if (failed.IsOwn)
            return false;
        _unreadable = failed.Collection;
        return Current() != failed;
    }

    private string Choose(ReadModelRecord record)
    {
        var live = CollectionName.VersionOf(record.Live);
        // Until the new version has caught up, its nodes serve the old one. Old nodes go on with their own, as long as they run.
        return live == definition.Version || (live < definition.Version && record.Live != _unreadable)
            ? record.Live
            : BuildNames.OwnOf(record, definition);
    }

    /// <summary>
    /// Whether what was read from the collection before is not in the next one yet: for the moment after a switch in which the one before,
    /// which is kept up to date, was a batch ahead.
    /// </summary>
    private bool MustStay(ReadSource last, string next, ReadModelRecord? record) =>
        record?.Names(last.Collection) == true
        && last.Collection != _unreadable
        && host.Find(next) is { Lease: not null } consumer
        && host.Find(last.Collection) is { Lease: not null }
        && consumer.Progress.Position < last.Seen;
}
