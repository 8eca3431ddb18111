using Millrace.Storage;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Compares the copied events with those of the source, in order, and records their positions. Events that were
/// compared before are not read again.
/// </summary>
internal sealed class TenantEventComparison(TenantId tenant, TenantPart source, TenantPart target)
{
    private const int PageEvents = 500;

    private readonly List<RecordedEvent> _sources = [];
    private readonly List<RecordedEvent> _copies = [];
    private long _nextSource = 1;
    private long _nextCopy = 1;

    /// <summary>Gets the positions of the events that were compared.</summary>
    public PositionMap Positions { get; } = new();

    /// <summary>Gets the last position of a copy that was compared; 0 for none.</summary>
    public long LastCopy { get; private set; }

    /// <summary>
    /// Compares the events that were copied since the last call. Returns null, or a description of the first
    /// difference. Then starts again with the first event at the next call.
    /// </summary>
    public async Task<string?> Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_sources.Count == 0)
                _nextSource = await Fill(source, _sources, _nextSource, cancellationToken).ConfigureAwait(false);
            if (_copies.Count == 0)
                _nextCopy = await Fill(target, _copies, _nextCopy, cancellationToken).ConfigureAwait(false);
            var count = Math.Min(_sources.Count, _copies.Count);
            if (count == 0)
                return _copies.Count == 0 ? null : Differs(_copies[0], "has no event in the former shard");
            for (var i = 0; i < count; i++)
            {
                if (!AreEqual(_sources[i], _copies[i]))
                    return Differs(_copies[i], "differs from the event in the former shard");
                Positions.Add(_sources[i].Position, _copies[i].Position);
            }
            LastCopy = _copies[count - 1].Position;
            _sources.RemoveRange(0, count);
            _copies.RemoveRange(0, count);
        }
    }

    /// <summary>Gets whether all events of the source that were read have been compared.</summary>
    public bool IsComplete => _sources.Count == 0;

    private string Differs(RecordedEvent copy, string problem)
    {
        _sources.Clear();
        _copies.Clear();
        (_nextSource, _nextCopy, LastCopy) = (1, 1, 0);
        Positions.Clear();
        return $"the copied event at version {copy.Version} of '{target.Names.ToTenant(copy.Stream)}' {problem}";
    }

    private static async ValueTask<long> Fill(
        TenantPart part, List<RecordedEvent> events, long next, CancellationToken cancellationToken)
    {
        for (var isEnd = false; events.Count == 0 && !isEnd;)
        {
            var query = new LogPageQuery(part.Events, next, IsBackwards: false, PageEvents);
            var page = await part.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            foreach (var stored in page.Events)
                events.Add(FirstRecordedTime.Restore(part.Names.ToTenant(stored)));
            (next, isEnd) = (page.Events.Count > 0 ? page.Events[^1].Position + 1 : next, page.IsEnd);
            if (page.Events.Count == 0 && !isEnd)
                next = page.Next;
        }
        return next;
    }

    private bool AreEqual(RecordedEvent one, RecordedEvent copy) =>
        one.Stream == copy.Stream
        && one.Version == copy.Version
        && StoredEventComparer.HaveSameValues(one, copy)
        && HaveSamePayload(one, copy)
        && Metadata(one).SequenceEqual(Metadata(copy));

    /// <summary>Compares the payloads. A position of another event must be that of its copy.</summary>
    private bool HaveSamePayload(RecordedEvent one, RecordedEvent copy)
    {
        if (StoredNotePosition.Find(tenant, one) is not { } position)
            return one.Payload.Span.SequenceEqual(copy.Payload.Span);
        // The former log may have lost the other event since its position was translated. Then the copy loses it too.
        var found = Positions.Find(position);
        var expected = StoredNotePosition.Replace(tenant, one, found ?? 0).Span;
        return expected.SequenceEqual(
            found is null ? StoredNotePosition.Replace(tenant, copy, 0).Span : copy.Payload.Span);
    }

    /// <summary>Returns the metadata; nothing for an empty object.</summary>
    private static ReadOnlySpan<byte> Metadata(RecordedEvent recorded) =>
        recorded.MetadataBytes.Length <= 2 ? default : recorded.MetadataBytes.Span;
}
