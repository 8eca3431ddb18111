namespace Millrace.Storage.Moves;

/// <summary>Pages of the log where the store is: read as that storage reads them best, and from where it was moved to
/// afterwards.</summary>
internal sealed class MoveAwarePages(MoveAwareStorage following, LogPageQuery first) : IEventPages
{
    private LogPageQuery _next = first;
    private IStorage? _storage;
    private IEventPages? _pages;

    public bool ReadsAhead => _pages is { ReadsAhead: true };

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        var place = following.Current;
        if (_pages is null || _storage != place)
        {
            await DisposeAsync().ConfigureAwait(false);
            (_storage, _pages) = (place, place.Log.ReadPages(_next));
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
