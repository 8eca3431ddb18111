namespace Millrace.Storage.Moves;

/// <summary>
/// Reads pages of the log in the storage that the store currently uses. After a move, the next page comes from the new
/// storage.
/// </summary>
internal sealed class MoveAwarePages(MoveAwareStorage moveAware, LogPageQuery first) : IEventPages
{
    private LogPageQuery _next = first;
    private IStorage? _storage;
    private IEventPages? _pages;

    public bool ReadsAhead => _pages is { ReadsAhead: true };

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var current = moveAware.Current;
        if (_pages is null || _storage != current)
        {
            await DisposeAsync().ConfigureAwait(false);
            _storage = current;
            _pages = current.Log.ReadPages(_next);
        }
        var page = await _pages.Next(cancellationToken).ConfigureAwait(false);
        _next = _next with { From = page.Next };
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pages is not { } pages)
            return;
        _pages = null;
        await pages.DisposeAsync().ConfigureAwait(false);
    }
}
