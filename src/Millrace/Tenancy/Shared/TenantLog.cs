using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// A tenant's events in a shared log. The events have their positions in the shared log, so there are gaps between
/// positions.
/// </summary>
/// <remarks>
/// After a move from another shard, the copied events have the times at which they were recorded first. Each move
/// increases the log epoch, so that positions of another shard are not mistaken for positions of this log.
/// </remarks>
internal sealed class TenantLog(
    TenantNames names,
    TenantRequestMapper requests,
    ILogStorage shared,
    TenantSignal? signal) : ILogStorage, ISharedLogPart
{
    private const int PageStreams = 1_000;
    private const int PageEvents = 1_000;
    private const long EpochsPerMove = 1_000_000; // No log is restored or promoted as often.

    /// <summary>Gets or sets the position of the last event that a move has copied; 0 for none.</summary>
    public long CopiedUntil { get; set; }

    public bool CommitsOnCallingThread => shared.CommitsOnCallingThread;

    public ILogStorage SharedLog => shared;

    /// <summary>Commits requests. Only used if no other component uses the storage, as in a tool.</summary>
    public async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcomes = await shared
            .Commit([.. batch.Select(requests.ToStored)], now, cancellationToken)
            .ConfigureAwait(false);
        return Array.ConvertAll(outcomes, requests.ToTenant);
    }

    public async ValueTask<LogHead> GetHead(CancellationToken cancellationToken)
    {
        names.ThrowIfClosed();
        var head = await shared.GetHead(cancellationToken).ConfigureAwait(false);
        return head with { Epoch = head.Epoch + (names.Generation * EpochsPerMove) };
    }

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken)
    {
        var seenShared = seen with { Epoch = seen.Epoch - (names.Generation * EpochsPerMove) };
        return signal?.WaitBeyond(seenShared, cancellationToken)
            ?? shared.WaitForChange(seenShared, cancellationToken);
    }

    public async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        ToTenant(
            await shared
                .ReadStream(query with { Stream = names.ToStored(query.Stream) }, cancellationToken)
                .ConfigureAwait(false));

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        if (TimeRange.Concerns(query, CopiedUntil))
            return TimeRange.Apply(
                await ReadLog(TimeRange.Without(query), cancellationToken).ConfigureAwait(false), query);
        // The metadata of copied events contains their times.
        var isBrief = query.IsBrief && (CopiedUntil == 0 || (!query.IsBackwards && query.From > CopiedUntil));
        var storedQuery = query with { Filter = names.ToStored(query.Filter), IsBrief = isBrief };
        return ToTenant(await shared.ReadLog(storedQuery, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken)
    {
        var found = await shared.FindEvent(id, cancellationToken).ConfigureAwait(false);
        if (found is null || names.IsOwn(found.Stream.Value))
            return found is null ? null : ToTenant(found);
        // An event of another tenant has the same id. This is rare, so each stream of this tenant is searched.
        RecordedEvent? first = null;
        string? after = null;
        while (true)
        {
            var page = await ListStreams("", after, PageStreams, cancellationToken).ConfigureAwait(false);
            foreach (var stream in page)
            {
                var own = await FindEvent(stream.Stream, id, cancellationToken).ConfigureAwait(false);
                first = own is not null && (first is null || own.Position < first.Position) ? own : first;
            }
            if (page.Count < PageStreams)
                return first;
            after = page[^1].Stream.Value;
        }
    }

    public async ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        await shared.FindEvent(names.ToStored(stream), id, cancellationToken).ConfigureAwait(false) is { } found
            ? ToTenant(found)
            : null;

    public async ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(filter, 1, IsBackwards: false, PageEvents) { IsBrief = true };
        if (!TimeRange.Concerns(query, CopiedUntil))
            return await shared.Count(names.ToStored(filter), cancellationToken).ConfigureAwait(false);
        var count = 0L;
        while (true)
        {
            var page = await ReadLog(query, cancellationToken).ConfigureAwait(false);
            count += page.Events.Count;
            if (page.IsEnd)
                return count;
            query = query with { From = page.Next };
        }
    }

    public async ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken)
    {
        var own = new List<string>();
        foreach (var type in await shared.ListEventTypes(cancellationToken).ConfigureAwait(false))
        {
            var query = new LogPageQuery(EventFilter.OfTypes(type), 1, IsBackwards: false, 1) { IsBrief = true };
            var page = await ReadLog(query, cancellationToken).ConfigureAwait(false);
            while (page is { Events.Count: 0, IsEnd: false })
                page = await ReadLog(query with { From = page.Next }, cancellationToken).ConfigureAwait(false);
            if (page.Events.Count > 0)
                own.Add(type);
        }
        return own;
    }

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        shared.GetStream(names.ToStored(stream), cancellationToken);

    public async ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        var page = await shared
            .ListStreams(names.ToStored(prefix), after is null ? null : names.ToStored(after), limit, cancellationToken)
            .ConfigureAwait(false);
        return [.. page.Select(info => info with { Stream = names.ToTenant(info.Stream) })];
    }

    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        shared.FindClaim(names.ToStored(scope), value, cancellationToken);

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        shared.ListClaims(names.ToStored(scope), after, limit, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        shared.FindHandled(names.ToStored(scope), id, cancellationToken);

    public async ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken)
    {
        var last = after is null ? null : after with { Scope = names.ToStored(after.Scope) };
        while (await shared.ListHandled(last, limit, cancellationToken).ConfigureAwait(false) is { } page)
        {
            var own = page.Where(record => names.IsOwn(record.Scope))
                .Select(record => record with { Scope = names.ToTenant(record.Scope) }).ToArray();
            if (own.Length > 0 || page.Count < limit)
                return own;
            last = page[^1]; // Only answers of other tenants.
        }
        return null;
    }

    public async ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken)
    {
        var records = await shared
            .ListRemovals(stream is { } one ? names.ToStored(one) : null, cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. records
                .Where(record => names.IsOwn(record.Stream.Value))
                .Select(record => record with { Stream = names.ToTenant(record.Stream) }),
        ];
    }

    public async ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await shared.ReadRemovals(after, limit, cancellationToken).ConfigureAwait(false);
            var own = (
                from removal in page.Removals
                where names.IsOwn(removal.Record.Stream.Value)
                select removal with
                {
                    Record = removal.Record with { Stream = names.ToTenant(removal.Record.Stream) },
                }
            ).ToList();
            if (own.Count > 0 || page.Removals.Count < limit)
                return page with { Removals = own };
            after = page.Next; // The page contains only removals of other tenants.
        }
    }

    /// <summary>Returns the page with the tenant's names.</summary>
    public EventPage ToTenant(EventPage page)
    {
        var own = new RecordedEvent[page.Events.Count];
        for (var i = 0; i < own.Length; i++)
            own[i] = ToTenant(page.Events[i]);
        return page with { Events = own };
    }

    private RecordedEvent ToTenant(RecordedEvent stored)
    {
        var own = names.ToTenant(stored);
        return own.Position <= CopiedUntil ? FirstRecordedTime.Restore(own) : own;
    }
}
