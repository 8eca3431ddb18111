using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Benchmarks.Harness;

/// <summary>A log that notes how long its commits take, to tell the storage's share of an append from all the rest.</summary>
internal sealed class CommitProfile(ILogStorage log) : ILogStorage
{
    private long _ticks;
    private long _batches;
    private long _requests;

    public bool CommitsOnCallingThread => log.CommitsOnCallingThread;

    /// <summary>What it found, of a time.</summary>
    public string Over(TimeSpan elapsed)
    {
        var share = TimeSpan.FromSeconds((double)_ticks / Stopwatch.Frequency) / elapsed;
        return FormattableString.Invariant(
            $"{share:P0} of the time in commits of the storage, {(double)_requests / Math.Max(1, _batches):0.0} appends a commit");
    }

    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var outcomes = await log.Commit(batch, now, cancellationToken);
        _ticks += Stopwatch.GetTimestamp() - started;
        _batches++;
        _requests += batch.Count;
        return outcomes;
    }

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => log.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) => log.WaitForChange(seen, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        log.ReadStream(query, cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) => log.ReadLog(query, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) => log.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        log.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) => log.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        log.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        log.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        log.FindClaim(scope, value, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        log.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(StreamId? stream, CancellationToken cancellationToken) =>
        log.ListRemovals(stream, cancellationToken);
}
