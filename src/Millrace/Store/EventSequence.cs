namespace Millrace.Store;

/// <summary>
/// Enumerates the events of consecutive pages. The enumeration creates a task for each page, not for each event.
/// Callers can enumerate the sequence several times.
/// </summary>
internal sealed class EventSequence(Func<CancellationToken, PageSequence> open, CancellationToken cancellationToken)
    : IAsyncEnumerable<RecordedEvent>
{
    public IAsyncEnumerator<RecordedEvent> GetAsyncEnumerator(CancellationToken enumerationToken = default)
    {
        if (!enumerationToken.CanBeCanceled || enumerationToken == cancellationToken)
            return new Enumerator(open(cancellationToken), null);
        if (!cancellationToken.CanBeCanceled)
            return new Enumerator(open(enumerationToken), null);
        var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, enumerationToken);
        return new Enumerator(open(linked.Token), linked);
    }

    private sealed class Enumerator(PageSequence pages, CancellationTokenSource? linked)
        : IAsyncEnumerator<RecordedEvent>
    {
        private IReadOnlyList<RecordedEvent> _events = [];
        private int _index;
        private bool _hasEnded;

        public RecordedEvent Current => _events[_index];

        public ValueTask<bool> MoveNextAsync() =>
            ++_index < _events.Count ? new ValueTask<bool>(true) : MoveToNextPage();

        public async ValueTask DisposeAsync()
        {
            _hasEnded = true;
            _events = [];
            await pages.DisposeAsync().ConfigureAwait(false);
            linked?.Dispose();
        }

        private async ValueTask<bool> MoveToNextPage()
        {
            _events = [];
            while (!_hasEnded)
            {
                _hasEnded = true; // If reading the page fails, the enumeration cannot continue.
                var page = await pages.Next().ConfigureAwait(false);
                _events = page.Events;
                _index = 0;
                _hasEnded = page.IsEnd;
                if (_events.Count > 0)
                    return true;
            }
            return false;
        }
    }
}
