using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class SkipsAPosition(IStorage inner) : FaultyLog(inner)
{
    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(position: recorded.Position < 5 ? recorded.Position : recorded.Position + 1);
}

/// <summary>Reads the log as it was before the last commit.</summary>
internal sealed class ReadsStale(IStorage inner) : FaultyLog(inner)
{
    private LogHead _stale = new(1, 0);

    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _stale = await Inner.Log.GetHead(cancellationToken);
        return await base.Commit(batch, now, cancellationToken);
    }

    protected override EventPage ApplyFault(EventPage page) =>
        page with { Events = [.. page.Events.Where(recorded => recorded.Position <= _stale.Position)] };
}

internal sealed class KnowsAnOldHead(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<LogHead> GetHead(CancellationToken cancellationToken)
    {
        var head = await Inner.Log.GetHead(cancellationToken);
        return head with { Position = Math.Max(0, head.Position - 1) };
    }
}

internal sealed class EndsPagesTooEarly(IStorage inner) : FaultyLog(inner)
{
    protected override EventPage ApplyFault(EventPage page) => page with { IsEnd = true };
}

internal sealed class NeverReportsTheEnd(IStorage inner) : FaultyLog(inner)
{
    protected override EventPage ApplyFault(EventPage page) => page with { IsEnd = page.Events.Count == 0 };
}

internal sealed class PointsBackToThePage(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        await base.ReadLog(query, cancellationToken) with { Next = query.From };
}

internal sealed class GivesOneTooMany(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        base.ReadLog(query with { Limit = query.Limit + 1 }, cancellationToken);
}

internal sealed class GivesOneTooFew(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        var page = await base.ReadLog(query, cancellationToken);
        return page.Events.Count < query.Limit ? page : page with { Events = [.. page.Events.SkipLast(1)] };
    }
}

internal sealed class StartsBackwardReadsOneOff(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        base.ReadStream(
            query.IsBackwards && query.From < long.MaxValue ? query with { From = query.From - 1 } : query,
            cancellationToken);
}

internal sealed class DropsATag(IStorage inner) : FaultyLog(inner)
{
    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(tags: [.. recorded.Tags.Skip(1)]);
}

internal sealed class CutsLongPayloads(IStorage inner) : FaultyLog(inner)
{
    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(payload: recorded.Payload[..Math.Min(recorded.Payload.Length, 65_535)]);
}

/// <summary>Stores payloads as text, like a JSON column.</summary>
internal sealed class KeepsPayloadsAsText(IStorage inner) : FaultyLog(inner)
{
    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(
            payload: System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(recorded.Payload.Span)));
}

internal sealed class DropsMetadata(IStorage inner) : FaultyLog(inner)
{
    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(metadata: ReadOnlyMemory<byte>.Empty);
}

internal sealed class RoundsTimesToMilliseconds(IStorage inner) : FaultyLog(inner)
{
    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(
            timestamp: new DateTimeOffset(
                recorded.Timestamp.Ticks - (recorded.Timestamp.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero));
}

internal sealed class LowersStreamNames(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        base.ReadStream(query with { Stream = Lower(query.Stream) }, cancellationToken);

    public override ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        base.GetStream(Lower(stream), cancellationToken);

    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(appends: [.. request.Appends.Select(append => append with { Stream = Lower(append.Stream) })]);

#pragma warning disable CA1308 // Lower case is the fault.
    private static StreamId Lower(StreamId stream) => new(stream.Value.ToLowerInvariant());
#pragma warning restore CA1308
}

/// <summary>Treats the prefix of a stream name as a pattern, like LIKE.</summary>
internal sealed class TakesPrefixesForPatterns(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        var all = await Inner.Log.ListStreams("", after, 1_000, cancellationToken);
        return [.. all.Where(info => IsLike(info.Stream.Value, prefix)).Take(limit)];
    }

    private static bool IsLike(string name, string prefix) =>
        name.Length >= prefix.Length && prefix.Zip(name).All(pair => pair.First == '_' || pair.First == pair.Second);
}

internal sealed class SortsNamesByUtf16(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        var all = await Inner.Log.ListStreams(prefix, null, 1_000, cancellationToken);
        var sorted = all.OrderBy(info => info.Stream.Value, StringComparer.Ordinal);
        return
        [
            .. sorted.Where(info => after is null || string.CompareOrdinal(info.Stream.Value, after) > 0).Take(limit),
        ];
    }
}

internal sealed class ReadsDeletedStreams(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        var page = await base.ReadStream(query, cancellationToken);
        if (page.Events.Count > 0 || query.IsBackwards)
            return page;
        var log = await Inner.Log.ReadLog(
            new LogPageQuery(EventFilter.InStreams(query.Stream.Value), 1, false, 1_000), cancellationToken);
        return page with
        {
            Events =
            [
                .. log.Events.Where(recorded => recorded.Stream == query.Stream && recorded.Version >= query.From),
            ],
        };
    }
}

internal sealed class FindsTheLastOfAnId(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        var log = await Inner.Log.ReadLog(
            new LogPageQuery(EventFilter.All, long.MaxValue, true, 10_000), cancellationToken);
        return log.Events.FirstOrDefault(recorded => recorded.Id == id);
    }
}

internal sealed class FindsAnIdInAnyStream(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<RecordedEvent?> FindEvent(
        StreamId stream, Guid id, CancellationToken cancellationToken) => base.FindEvent(id, cancellationToken);
}

internal sealed class CountsRemovedEvents(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        filter.IsAll
            ? (await Inner.Log.GetHead(cancellationToken)).Position
            : await base.Count(filter, cancellationToken);
}

/// <summary>Changes a filter before it is forwarded.</summary>
internal sealed class MistakesAFilter(IStorage inner, Func<EventFilter, EventFilter> mistake) : FaultyLog(inner)
{
    public override ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        base.ReadLog(query with { Filter = mistake(query.Filter) }, cancellationToken);

    public override ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        base.Count(mistake(filter), cancellationToken);
}

internal sealed class OmitsFoldingFields(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        var page = await base.ReadStream(query, cancellationToken);
        return query.IsFolded
            ? page with { Events = [.. page.Events.Select(item => item.With(payload: ReadOnlyMemory<byte>.Empty))] }
            : page;
    }
}
