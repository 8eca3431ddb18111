using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Reads consecutive pages. From the third page on, each page is read while the caller uses the previous page.
/// </summary>
/// <remarks>
/// The first two pages are read on demand, so that a reader of one event or one page causes no unnecessary reads. At
/// most one page is read ahead, and no page is read ahead after a large page, which limits the memory. If the source
/// already reads ahead, this class does not. A page that was read before values were erased is read again. Disposal
/// waits until a read that was started ahead has finished.
/// </remarks>
/// <param name="open">Opens the pages from a version or position on.</param>
/// <param name="from">The version or position of the first page.</param>
/// <param name="contents">Shows whether values were erased.</param>
/// <param name="cancellationToken">Cancels the reads.</param>
internal sealed class PageSequence(
    Func<long, IEventPages> open, long from, StoredContents contents, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private const long MaxPrefetchBytes = 4L * 1024 * 1024;

    private IEventPages _pages = open(from);
    private long _from = from;
    private int _pagesRead;
    private Task<SizedPage>? _ahead;
    private long _aheadRound;

    /// <summary>Returns the next page.</summary>
    public async ValueTask<EventPage> Next()
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ahead = _ahead;
        _ahead = null;
        var startRound = ahead is null ? contents.Round : _aheadRound;
        var (page, bytes) = await (ahead ?? Read()).ConfigureAwait(false);
        while (startRound != contents.Round) // Values were erased in the meantime, and the page may contain them.
        {
            startRound = contents.Round;
            await _pages.DisposeAsync().ConfigureAwait(false);
            _pages = open(_from);
            (page, bytes) = await Read().ConfigureAwait(false);
        }
        _from = page.Next;
        if (!page.IsEnd && ++_pagesRead > 1 && bytes <= MaxPrefetchBytes && !_pages.ReadsAhead)
        {
            _aheadRound = contents.Round;
            _ahead = Task.Run(Read, cancellationToken);
        }
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ahead is { } ahead)
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ahead = null;
        await _pages.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Reads a page and adds up its bytes while they are still in the processor's cache.</summary>
    private async Task<SizedPage> Read()
    {
        var page = await _pages.Next(cancellationToken).ConfigureAwait(false);
        var bytes = 0L;
        for (var i = 0; i < page.Events.Count; i++)
            bytes += page.Events[i].Payload.Length + page.Events[i].MetadataBytes.Length;
        return new SizedPage(page, bytes);
    }

    private readonly record struct SizedPage(EventPage Page, long Bytes);
}
