using Millrace.Auditing.Sealing;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Auditing;

/// <summary>
/// Finds the seals of positions that are given in ascending order. It reads each seal once, and does not verify it.
/// </summary>
internal sealed class SealTimeline(ILogStorage log, long through, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private readonly IAsyncEnumerator<RobustReader.Item> _seals = new RobustReader(log)
        .Read(EventFilter.OfTypes(PlatformEvents.SealMade), 1, through, cancellationToken)
        .GetAsyncEnumerator(cancellationToken);

    private Seal? _current;
    private bool _isEnd;

    /// <summary>Returns the number and the time of the first seal that covers a position; null without one.</summary>
    public async ValueTask<(long Number, DateTimeOffset Time)?> Find(long position)
    {
        while (!_isEnd && (_current is null || _current.Size < position))
        {
            _isEnd = !await _seals.MoveNextAsync().ConfigureAwait(false);
            if (!_isEnd
                && _seals.Current.Event is { } recorded
                && recorded.Stream == SealStore.Stream
                && SealJson.TryRead(recorded.Payload, out var seal))
                _current = seal;
        }
        return _current is { } found && found.Size >= position ? (found.Number, found.Time) : null;
    }

    public ValueTask DisposeAsync() => _seals.DisposeAsync();
}
