using Millrace.Storage;

namespace Millrace;

/// <summary>The events of page after page, handed out one by one without a promise for each. Can be gone through
/// several times.</summary>
internal sealed class EventSequence(Func<IEventPages> open, CancellationToken cancellationToken)
    : IAsyncEnumerable<RecordedEvent>
{
    public IAsyncEnumerator<RecordedEvent> GetAsyncEnumerator(CancellationToken ofEnumeration = default)
    {
        if (!ofEnumeration.CanBeCanceled || ofEnumeration == cancellationToken)
            return new Enumerator(new PageSequence(open(), cancellationToken), null);
        if (!cancellationToken.CanBeCanceled)
            return new Enumerator(new PageSequence(open(), ofEnumeration), null);
        var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, ofEnumeration);
        return new Enumerator(new PageSequence(open(), either.Token), either);
    }

    private sealed class Enumerator(PageSequence pages, CancellationTokenSource? either)
        : IAsyncEnumerator<RecordedEvent>
    {
        private IReadOnlyList<RecordedEvent> _events = [];
        private int _index;
        private bool _isOver;

        public RecordedEvent Current => _events[_index];

        public ValueTask<bool> MoveNextAsync() =>
            ++_index < _events.Count ? new ValueTask<bool>(true) : MoveToNextPage();

        public async ValueTask DisposeAsync()
        {
            _isOver = true;
            _events = [];
            await pages.DisposeAsync().ConfigureAwait(false);
            either?.Dispose();
        }

        private async ValueTask<bool> MoveToNextPage()
        {
            _events = [];
            while (!_isOver)
            {
                _isOver = true; // What fails ends the enumeration.
                var page = await pages.Next().ConfigureAwait(false);
                (_events, _index, _isOver) = (page.Events, 0, page.IsEnd);
                if (_events.Count > 0)
                    return true;
            }
            return false;
        }
    }
}
