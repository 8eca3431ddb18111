using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>Reads and writes the log of an in-memory storage.</summary>
internal sealed class InMemoryLog(InMemoryData data) : ILogStorage
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    public bool CommitsOnCallingThread => true;

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using (data.Writing(cancellationToken))
            return ValueTask.FromResult(new InMemoryCommit(data).Run(batch, now));
    }

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Head);
    }

    public async ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken)
    {
        Task moved;
        using (data.Reading(cancellationToken))
        {
            if (data.Head != seen)
                return;
            moved = data.Moved.Task;
        }
        try
        {
            await moved.WaitAsync(MaxWait, data.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The time limit has expired, and the caller checks the head again.
        }
    }

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(InMemoryPages.OfStream(data.Events, data.Streams, query));
    }

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(InMemoryPages.OfLog(data.Events, query));
    }

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Events.FindById(id, stream: null)?.ToRecorded());
    }

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Events.FindById(id, stream)?.ToRecorded());
    }

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Events.CountOf(filter));
    }

    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<string>>(
                [.. data.Events.Types().Order(CodePointOrder.Instance)]);
    }

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Streams.GetHead(stream));
    }

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<StreamInfo>>(data.Streams.List(prefix, after, limit));
    }

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Claims.GetValueOrDefault((scope, value)));
    }

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<StoredClaim>?>(
            [
                .. data.Claims
                    .Where(claim => claim.Key.Scope == scope
                        && (after is null || CodePointOrder.Instance.Compare(claim.Key.Value, after) > 0))
                    .OrderBy(claim => claim.Key.Value, CodePointOrder.Instance)
                    .Take(limit)
                    .Select(claim => new StoredClaim(claim.Key.Value, claim.Value)),
            ]);
    }

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult(data.Handled.Find(scope, id, data.Time.GetUtcNow()));
    }

    public ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<HandledRecord>?>(
                data.Handled.List(after, limit, data.Time.GetUtcNow()));
    }

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(StreamId? stream, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
            return ValueTask.FromResult<IReadOnlyList<RemovalRecord>>(
                [.. data.Removals.Where(record => stream is null || record.Stream == stream)]);
    }

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var skipped = (int)Math.Min(after, data.Removals.Count);
            var page = data
                .Removals.Skip(skipped)
                .Take(limit)
                .Select((record, i) => new NumberedRemoval(skipped + i + 1, record))
                .ToList();
            return ValueTask.FromResult(new RemovalPage(page, skipped + page.Count));
        }
    }
}
