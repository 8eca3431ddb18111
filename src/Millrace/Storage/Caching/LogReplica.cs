using Millrace.Storage.InMemory;

namespace Millrace.Storage.Caching;

/// <summary>All events of a log, in memory.</summary>
// CA1001: the lock has no resources that must be released.
#pragma warning disable CA1001
internal sealed class LogReplica : ILogCopy
#pragma warning restore CA1001
{
    private readonly ReaderWriterLockSlim _lock = new();
    private EventTable _events = new();
    private StreamTable _streams = new();

    public bool IsWhole => true;

    public void Clear(long position) => Write(() => (_events, _streams) = (new EventTable(), new StreamTable()));

    public void Add(IReadOnlyList<RecordedEvent> events, long position) => Write(() =>
    {
        foreach (var recorded in events)
        {
            if (recorded.Position <= _events.LastPosition)
                continue;
            _events.SkipTo(recorded.Position - 1, recorded.Timestamp);
            _events.Add(StoredEvent.Of(recorded.Detached()));
            _streams.GetOrAdd(recorded.Stream).AppendAt(recorded.Version, recorded.Position);
        }
        _events.SkipTo(position, _events.LastTimestamp);
    });

    public void Remove(RemovalRecord? removal, StreamId stream, StreamHead head) => Write(() =>
    {
        var row = _streams.GetOrAdd(stream);
        if (removal is { Kind: not RemovalKind.Delete, Events: > 0 })
        {
            for (var version = removal.FromVersion; version <= removal.ToVersion; version++)
                _events.Remove(row.PositionOf(version));
        }
        row.Head = head with { Version = row.Head.Version }; // Later events come with the next round.
    });

    public bool Has(StreamPageQuery query) => true;

    public bool TryRead(StreamPageQuery query, out EventPage page)
    {
        page = Read(() => InMemoryPages.OfStream(_events, _streams, query));
        return true;
    }

    public void Keep(StreamPageQuery query, EventPage page, long position)
    {
    }

    public bool TryRead(LogPageQuery query, out EventPage page)
    {
        page = Read(() => InMemoryPages.OfLog(_events, query));
        return true;
    }

    public bool TryFind(Guid id, StreamId? stream, out RecordedEvent? found)
    {
        found = Read(() => _events.FindById(id, stream)?.ToRecorded());
        return true;
    }

    public bool TryCount(EventFilter filter, out long count)
    {
        count = Read(() => _events.CountOf(filter));
        return true;
    }

    private T Read<T>(Func<T> read)
    {
        _lock.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    private void Write(Action write)
    {
        _lock.EnterWriteLock();
        try
        {
            write();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }
}
