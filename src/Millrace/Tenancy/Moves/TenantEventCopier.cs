using Millrace.Storage;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Copies the events of a tenant to another shard in the order of the log, and continues after the last copied event.
/// </summary>
/// <remarks>
/// The versions of removed events are filled with events without data, which are removed afterwards. So each event
/// keeps its version.
/// </remarks>
internal sealed class TenantEventCopier(
    TenantId tenant,
    TenantPart source,
    TenantPart target,
    ArrivalWriter writer,
    IProgress<MaintenanceProgress>? progress)
{
    private const int PageEvents = 500;
    private const int MaxRequestBytes = 2 * 1024 * 1024;
    private const int PageRemovals = 1_000;
    private const string Gap = TenantRemoval.LastEvent;

    private readonly Dictionary<StreamId, HashSet<long>> _deletions = []; // The versions at which streams were deleted.
    private readonly Dictionary<StreamId, List<long>> _truncations = []; // The last versions that truncations removed.
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _payloads = []; // The translated payloads, by position.
    private long _lastRemoval;

    /// <summary>Copies all events that the source has now.</summary>
    public async Task Copy(CancellationToken cancellationToken)
    {
        var next = writer.Progress.SourcePosition + 1;
        for (var isEnd = false; !isEnd;)
        {
            var query = new LogPageQuery(source.Events, next, IsBackwards: false, PageEvents);
            var page = await source.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            // A deletion before an event of the page is visible now.
            await ReadDeletions(cancellationToken).ConfigureAwait(false);
            await Copy(page.Events, cancellationToken).ConfigureAwait(false);
            (next, isEnd) = (page.Next, page.IsEnd);
            progress?.Report(new MaintenanceProgress(next - 1, source.Store.Tail.Head.Position, "events"));
        }
    }

    /// <summary>
    /// Gives the streams of the target the states of those of the source: deleted, truncated or closed.
    /// </summary>
    /// <returns>The streams that still differ; not empty only while the source is used.</returns>
    public async Task<IReadOnlyList<StreamId>> CopyStates(CancellationToken cancellationToken)
    {
        var different = new List<StreamId>();
        var others = target.ListStreams(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var _ = others.ConfigureAwait(false);
        var other = await others.MoveNextAsync().ConfigureAwait(false) ? others.Current : null;
        await foreach (var one in source.ListStreams(cancellationToken).ConfigureAwait(false))
        {
            while (other is not null && other.Stream.CompareTo(one.Stream) < 0)
            {
                different.Add(other.Stream);
                other = await others.MoveNextAsync().ConfigureAwait(false) ? others.Current : null;
            }
            if (other is null || other.Stream != one.Stream || other.Version != one.Version)
                different.Add(one.Stream);
            else if (!HaveSameState(one, other))
                await CopyState(one, cancellationToken).ConfigureAwait(false);
            if (other is not null && other.Stream == one.Stream)
                other = await others.MoveNextAsync().ConfigureAwait(false) ? others.Current : null;
        }
        if (other is not null)
            different.Add(other.Stream);
        return different;
    }

    private static bool HaveSameState(StreamInfo one, StreamInfo other) =>
        one.State == other.State && (one.State != StreamState.Open || one.FirstVersion == other.FirstVersion);

    private async ValueTask CopyState(StreamInfo stream, CancellationToken cancellationToken)
    {
        var records = await source.Storage.Log
            .ListRemovals(source.Names.ToStored(stream.Stream), cancellationToken)
            .ConfigureAwait(false);
        var kind = stream.State switch
        {
            StreamState.Closed => RemovalKind.Tombstone,
            StreamState.Deleted => RemovalKind.Delete,
            _ => RemovalKind.Truncate,
        };
        if (kind != RemovalKind.Truncate)
            await TruncateBeforeDeletion(
                source.Names.ToStored(stream.Stream), stream.Version, cancellationToken).ConfigureAwait(false);
        await Remove(
            stream.Stream, stream.Version, kind, stream.FirstVersion, records is [.., var last] ? last : null,
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Copy(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var request = new List<RecordedEvent>();
        var bytes = 0;
        foreach (var stored in events)
        {
            Check(stored);
            var noted = StoredNotePosition.Find(tenant, stored);
            var isDeleted = _deletions.TryGetValue(stored.Stream, out var deleted)
                && deleted.Remove(stored.Version - 1);
            // The event at the position must be in the target before the position can be translated.
            var isNoted = request.Count > 0 && noted >= request[0].Position;
            if (request.Count > 0 && (isDeleted || isNoted || bytes + stored.Payload.Length > MaxRequestBytes))
            {
                await Append(request, cancellationToken).ConfigureAwait(false);
                request.Clear();
                bytes = 0;
            }
            if (isDeleted)
                await Delete(stored, cancellationToken).ConfigureAwait(false);
            if (noted is { } position)
                _payloads[stored.Position] = await Translate(stored, position, cancellationToken)
                    .ConfigureAwait(false);
            request.Add(stored);
            bytes += stored.Payload.Length + stored.MetadataBytes.Length;
        }
        if (request.Count > 0)
            await Append(request, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Append(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var reached = writer.Progress with { SourcePosition = events[^1].Position };
        while (true)
        {
            var outcome = await writer.Commit(ToRequest(events), reached, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
            {
                _payloads.Clear();
                return;
            }
            if (outcome.Refusal is not VersionConflictException conflict
                || events.FirstOrDefault(one => ToTarget(one.Stream) == conflict.Stream) is not { } first
                || conflict.Actual >= first.Version - 1)
                throw outcome.Refusal;
            await FillGap(conflict.Stream, conflict.Actual, first.Version - 1, cancellationToken).ConfigureAwait(false);
        }
    }

    private CommitRequest ToRequest(IReadOnlyList<RecordedEvent> events)
    {
        var appends = new List<StreamAppend>();
        var guards = new Dictionary<StreamId, long>();
        for (var i = 0; i < events.Count;)
        {
            var stream = ToTarget(events[i].Stream);
            guards.TryAdd(stream, events[i].Version - 1);
            var encoded = new List<EncodedEvent>();
            for (var first = events[i].Stream; i < events.Count && events[i].Stream == first; i++)
                encoded.Add(Encode(events[i]));
            appends.Add(new StreamAppend(stream, ExpectedVersion.Any, encoded));
        }
        return new CommitRequest
        {
            Appends = appends,
            Guards = [.. guards.Select(static guard => new StreamGuard(guard.Key, guard.Value))],
            IsAsStored = true,
        };
    }

    /// <summary>Appends events without data in the place of removed events. Their stream is truncated later.</summary>
    private async ValueTask FillGap(StreamId stream, long from, long to, CancellationToken cancellationToken)
    {
        while (from < to)
        {
            var count = (int)Math.Min(to - from, PageEvents);
            var request = new CommitRequest
            {
                Appends =
                [
                    new StreamAppend(
                        stream,
                        ExpectedVersion.Any,
                        [.. Enumerable.Range(0, count).Select(_ => new EncodedEvent
                        {
                            Id = Guid.CreateVersion7(target.Store.Time.GetUtcNow()),
                            Type = Gap,
                            Payload = "{}"u8.ToArray(),
                        })]),
                ],
                Guards = [new StreamGuard(stream, from)],
                IsAsStored = true,
            };
            await writer.Write(request, cancellationToken).ConfigureAwait(false);
            from += count;
        }
    }

    /// <summary>Deletes the stream of an event before the event is copied.</summary>
    private async ValueTask Delete(RecordedEvent next, CancellationToken cancellationToken)
    {
        var head = await target.Storage.Log.GetStream(ToTarget(next.Stream), cancellationToken).ConfigureAwait(false);
        if (head.Version < next.Version - 1)
            await FillGap(ToTarget(next.Stream), head.Version, next.Version - 1, cancellationToken)
                .ConfigureAwait(false);
        if (head.State == StreamState.Open && head.Version < next.Version)
        {
            await TruncateBeforeDeletion(next.Stream, next.Version - 1, cancellationToken).ConfigureAwait(false);
            await Remove(
                source.Names.ToTenant(next.Stream), next.Version - 1, RemovalKind.Delete, 0, null, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Removes the events that the source removed before it deleted a stream at a version, and those in their place.
    /// </summary>
    private async ValueTask TruncateBeforeDeletion(
        StreamId stored, long version, CancellationToken cancellationToken)
    {
        if (!_truncations.TryGetValue(stored, out var removed))
            return;
        var own = source.Names.ToTenant(stored);
        var last = removed.Where(to => to < version).DefaultIfEmpty().Max();
        var page = await target.Storage.Log
            .ReadStream(
                new StreamPageQuery(target.Names.ToStored(own), 1, IsBackwards: false, Limit: 1), cancellationToken)
            .ConfigureAwait(false);
        if (page.Events is [var first, ..] && first.Version <= last)
            await Remove(own, version, RemovalKind.Truncate, last + 1, null, cancellationToken).ConfigureAwait(false);
    }

    private Task Remove(
        StreamId own,
        long version,
        RemovalKind kind,
        long before,
        RemovalRecord? record,
        CancellationToken cancellationToken)
    {
        var stream = target.Names.ToStored(own);
        var removal = new StreamRemoval(
            stream,
            kind,
            before,
            ExpectedVersion.Any,
            record?.Reason ?? $"removed before the tenant {tenant} moved to this shard",
            record?.User);
        return writer.Write(
            new CommitRequest { Removals = [removal], Guards = [new StreamGuard(stream, version)], IsAsStored = true },
            cancellationToken);
    }

    private async ValueTask ReadDeletions(CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await source.Storage.Log.ReadRemovals(_lastRemoval, PageRemovals, cancellationToken)
                .ConfigureAwait(false);
            foreach (var (number, record) in page.Removals)
            {
                _lastRemoval = number;
                if (!source.Names.IsOwn(record.Stream.Value))
                    continue;
                if (record.Kind == RemovalKind.Truncate)
                {
                    if (!_truncations.TryGetValue(record.Stream, out var removed))
                        _truncations.Add(record.Stream, removed = []);
                    removed.Add(record.ToVersion);
                }
                if (record.Kind != RemovalKind.Delete)
                    continue;
                if (!_deletions.TryGetValue(record.Stream, out var versions))
                    _deletions.Add(record.Stream, versions = []);
                versions.Add(record.ToVersion);
            }
            if (page.Removals.Count < PageRemovals)
                return;
        }
    }

    /// <exception cref="TenantMoveException">The event cannot be moved.</exception>
    private void Check(RecordedEvent stored)
    {
        if (stored.ContentType.StartsWith(EventContentType.ArchivedPrefix, StringComparison.Ordinal))
        {
            throw new TenantMoveException(
                tenant.Value,
                $"the event at version {stored.Version} of '{source.Names.ToTenant(stored.Stream)}' is in an archive. "
                    + "Restore it first: millrace archive restore");
        }
    }

    private StreamId ToTarget(StreamId stored) => target.Names.ToStored(source.Names.ToTenant(stored));

    /// <summary>Returns the payload of an event with the position of another event in the target.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> Translate(
        RecordedEvent stored, long position, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(source.Events, Math.Max(1, position), IsBackwards: false, 1) { IsBrief = true };
        var page = await source.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        var copy = page.Events is [var found, ..] && found.Position == position
            ? await target.Storage.Log.FindEvent(ToTarget(found.Stream), found.Id, cancellationToken)
                .ConfigureAwait(false)
            : null;
        return StoredNotePosition.Replace(
            tenant, stored, StoredNotePosition.Translate(position, copy?.Position));
    }

    private EncodedEvent Encode(RecordedEvent stored) => new()
    {
        Id = stored.Id,
        Type = stored.Type,
        SchemaVersion = stored.SchemaVersion,
        ContentType = stored.ContentType,
        Payload = _payloads.TryGetValue(stored.Position, out var translated) ? translated : stored.Payload,
        MetadataBytes = FirstRecordedTime.AddTo(stored),
        Source = stored.Source,
        EncryptionKeyId = stored.EncryptionKeyId,
        CorrelationId = stored.CorrelationId,
        CausationId = stored.CausationId,
        Tags = [.. stored.Tags],
    };
}
