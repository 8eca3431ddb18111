using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>The log of a <see cref="FaultInjectingStorage"/>.</summary>
internal sealed class FaultInjectingLog(FaultInjectingStorage faults, ILogStorage inner) : ILogStorage
{
    private int _commits;

    public bool CommitsOnCallingThread => faults.CommitsOnCallingThread ?? inner.CommitsOnCallingThread;

    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _commits);
        if (faults.BeforeCommit is { } before)
            await before(batch, number);
        var outcomes = await inner.Commit(batch, now, cancellationToken);
        if (faults.AfterCommit is { } after)
            await after(batch, number);
        return outcomes;
    }

    public async ValueTask<LogHead> GetHead(CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.GetHead(cancellationToken);
    }

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        inner.WaitForChange(seen, cancellationToken);

    public async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ReadStream(query, cancellationToken);
    }

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ReadLog(query, cancellationToken);
    }

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.FindEvent(id, cancellationToken);
    }

    public async ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.FindEvent(stream, id, cancellationToken);
    }

    public async ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.Count(filter, cancellationToken);
    }

    public async ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.GetStream(stream, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ListStreams(prefix, after, limit, cancellationToken);
    }

    public async ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.FindClaim(scope, value, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ListHandled(after, limit, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ListEventTypes(cancellationToken);
    }

    public async ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ListClaims(scope, after, limit, cancellationToken);
    }

    public async ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.FindHandled(scope, id, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ListRemovals(stream, cancellationToken);
    }

    public async ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken)
    {
        await faults.RunBeforeRead();
        return await inner.ReadRemovals(after, limit, cancellationToken);
    }
}
