using System.Runtime.CompilerServices;
using Millrace.Events;

namespace Millrace.Auditing;

/// <summary>Records and reads the audit trail of a store.</summary>
internal sealed class AuditTrail(EventStore store) : IAuditTrail
{
    /// <summary>Gets the stream of the entries.</summary>
    public static StreamId Stream { get; } = new("$audit");

    /// <summary>Returns whether a store has entries.</summary>
    public static async ValueTask<bool> ExistsIn(EventStore store, CancellationToken cancellationToken) =>
        await store.GetStream(Stream, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Adds an entry to a request if the store has entries, as tools do, which know no settings.</summary>
    public static async ValueTask AddIfUsed(
        EventStore store, AppendRequest request, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (await ExistsIn(store, cancellationToken).ConfigureAwait(false))
            AddTo(request, entry);
    }

    /// <summary>Adds an entry to a request, so that it is committed with the audited change.</summary>
    public static void AddTo(AppendRequest request, AuditEntry entry) => AddTo(request, Stream, entry);

    /// <summary>Adds an entry to a request, for the stored stream of a tenant.</summary>
    public static void AddTo(AppendRequest request, StreamId stream, AuditEntry entry) =>
        request.ToReserved(stream, ExpectedVersion.Any, AuditJson.EventOf(entry));

    public async ValueTask Record(AuditEntry entry, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var request = new AppendRequest();
        AddTo(request, entry);
        await store.Append(request, cancellationToken).ConfigureAwait(false);
    }

    public IAsyncEnumerable<AuditEntry> Read(AuditQuery query, long after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var from = after == long.MaxValue ? after : after + 1;
        return Matching(
            store.Reader.ReadUncounted(FilterOf(query), from, isBackwards: false, cancellationToken),
            query,
            cancellationToken);
    }

    public IAsyncEnumerable<AuditEntry> ReadBackwards(
        AuditQuery query, long before, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var from = before == long.MaxValue ? before : before - 1;
        return Matching(
            store.Reader.ReadUncounted(FilterOf(query), from, isBackwards: true, cancellationToken),
            query,
            cancellationToken);
    }

    private static EventFilter FilterOf(AuditQuery query) => new()
    {
        Types = [PlatformEvents.AuditRecorded],
        From = query.Since,
        To = query.Until,
    };

    private static async IAsyncEnumerable<AuditEntry> Matching(
        IAsyncEnumerable<RecordedEvent> events,
        AuditQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var recorded in events.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (AuditJson.TryRead(recorded) is { } entry && query.Matches(entry))
                yield return entry;
        }
    }
}
