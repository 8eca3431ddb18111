using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Benchmarks.Harness;

/// <summary>
/// A log storage that measures its commits. The result separates the storage's share of an append from the rest.
/// </summary>
internal sealed class CommitProfile(ILogStorage log) : ILogStorage
{
    private long _ticks;
    private long _batches;
    private long _requests;

    public bool CommitsOnCallingThread => log.CommitsOnCallingThread;

    /// <summary>Gets the number of committed batches.</summary>
    public long Batches => _batches;

    /// <summary>Describes the profiles of several storages.</summary>
    public static string Describe(IReadOnlyCollection<CommitProfile> profiles)
    {
        var (requests, batches) = (
            profiles.Sum(profile => profile._requests), Math.Max(1, profiles.Sum(profile => profile._batches)));
        var milliseconds = profiles.Sum(profile => profile._ticks) * 1_000.0 / Stopwatch.Frequency;
        return FormattableString.Invariant(
            $"{milliseconds / batches:0.00} ms a commit of the storage, {(double)requests / batches:0.0} requests each"
        );
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

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        log.WaitForChange(seen, cancellationToken);

    public ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        log.ReadStream(query, cancellationToken);

    public ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        log.ReadLog(query, cancellationToken);

    public IEventPages ReadPages(LogPageQuery first) => log.ReadPages(first);

    public ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        log.FindEvent(id, cancellationToken);

    public ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        log.FindEvent(stream, id, cancellationToken);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        log.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        log.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix,
        string? after,
        int limit,
        CancellationToken cancellationToken) => log.ListStreams(prefix, after, limit, cancellationToken);

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        log.FindClaim(scope, value, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        log.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => log.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        log.ReadRemovals(after, limit, cancellationToken);
}
