using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Writes restored events in large transactions.</summary>
/// <remarks>
/// The events of a page belong to many streams, so that a transaction changes about as many pages of an index as it has
/// streams. Large transactions therefore write each of these pages less often.
/// </remarks>
/// <param name="target">The storage.</param>
/// <param name="maxEvents">The number of events after which a transaction is committed.</param>
internal sealed class EventTransactions(IMoveEndpoint target, int maxEvents) : IAsyncDisposable
{
    /// <summary>The usual number of events of a transaction.</summary>
    public const int UsualEvents = 200_000;

    private const long MaxBytes = 64 * 1024 * 1024;

    private IMoveSession? _session;
    private int _events;
    private long _bytes;

    /// <summary>Writes events, and commits them if the transaction is large enough.</summary>
    public async Task Add(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        _session ??= await target.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await _session.AddEvents(events, cancellationToken).ConfigureAwait(false);
        _events += events.Count;
        _bytes += events.Sum(static one => (long)one.Payload.Length + one.MetadataBytes.Length);
        if (_events >= maxEvents || _bytes >= MaxBytes)
            await Commit(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits the events that were added.</summary>
    public async Task Commit(CancellationToken cancellationToken)
    {
        if (_session is null)
            return;
        await _session.Commit(cancellationToken).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
        (_events, _bytes) = (0, 0);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is null)
            return;
        await _session.DisposeAsync().ConfigureAwait(false);
        _session = null;
    }
}
