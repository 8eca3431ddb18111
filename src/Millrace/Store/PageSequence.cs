using Millrace.Storage;

namespace Millrace;

/// <summary>Reads page after page, and once a reader has proven to want them all, each while the one before it is
/// worked on.</summary>
/// <remarks>
/// The first two pages are read when they are asked for, so that who wants one event or one page pays for no more. At
/// most one page is read ahead, and none behind a large one, so that memory stays bounded; where pages come ahead by
/// themselves, none. What was read ahead is awaited when the sequence is disposed.
/// </remarks>
internal sealed class PageSequence(IEventPages pages, CancellationToken cancellationToken) : IAsyncDisposable
{
    private const long MaxPrefetchBytes = 4L * 1024 * 1024;

    private int _pages;
    private Task<SizedPage>? _ahead;

    /// <summary>Takes the next page.</summary>
    public async ValueTask<EventPage> Next()
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ahead = _ahead;
        _ahead = null;
        var (page, bytes) = await (ahead ?? Read()).ConfigureAwait(false);
        if (!page.IsEnd && ++_pages > 1 && bytes <= MaxPrefetchBytes && !pages.ReadsAhead)
            _ahead = Task.Run(Read, cancellationToken);
        return page;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ahead is { } ahead)
            await ((Task)ahead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ahead = null;
        await pages.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Reads a page and adds up its bytes while they are still near the processor that read them.</summary>
    private async Task<SizedPage> Read()
    {
        var page = await pages.Next(cancellationToken).ConfigureAwait(false);
        var bytes = 0L;
        for (var i = 0; i < page.Events.Count; i++)
            bytes += page.Events[i].Payload.Length + page.Events[i].MetadataBytes.Length;
        return new SizedPage(page, bytes);
    }

    private readonly record struct SizedPage(EventPage Page, long Bytes);
}
