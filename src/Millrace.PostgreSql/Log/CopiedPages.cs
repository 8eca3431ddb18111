using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>
/// The pages of the whole log, copied by one statement for many of them: the server goes on with the next ones while one is worked on, and
/// neither plans each anew nor is waited for at each.
/// </summary>
/// <remarks>
/// The first pages are read by themselves, so that who wants one pays for no more. A statement shows the log as it stood when it began, and
/// holds a connection and that state of all tables: so it is left after a second, and when nobody takes a page for a while, and the next
/// page begins another one. The page behind the last row of a statement is read by itself, and tells whether the log ends there.
/// </remarks>
internal sealed class CopiedPages(ILogStorage log, LogCopies copies, LogPageQuery first) : IEventPages
{
    private const int PagesAlone = 2;
    private const int PagesOfCopy = 64;

    private static readonly TimeSpan LongestUse = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _gate = new(1);
    private LogPageQuery _next = first;
    private int _alone = PagesAlone; // How many are still to be read by themselves.
    private volatile OpenCopy? _copy;
    private ITimer? _pause;

    public bool ComesAhead => _copy is not null;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _pause?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var page = await ReadCopied(cancellationToken).ConfigureAwait(false)
                ?? await ReadAlone(cancellationToken).ConfigureAwait(false);
            _next = _next with { From = page.Next };
            if (_copy is not null)
                BeginPause();
            return page;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await Leave().ConfigureAwait(false);
            if (_pause is { } pause)
                await pause.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private ValueTask<EventPage> ReadAlone(CancellationToken cancellationToken)
    {
        _alone = Math.Max(0, _alone - 1);
        return log.ReadLog(_next, cancellationToken);
    }

    /// <summary>The next page of the copy; null when it has to be read by itself.</summary>
    private async ValueTask<EventPage?> ReadCopied(CancellationToken cancellationToken)
    {
        if (_alone > 0)
            return null;
        if (_copy is { } old && copies.Time.GetElapsedTime(old.Began) > LongestUse)
            await Leave().ConfigureAwait(false);
        try
        {
            var copy = _copy ??= await copies.Begin(_next, PagesOfCopy, cancellationToken).ConfigureAwait(false);
            if (copy is null)
                return null;
            var page = await copy.Read(_next, cancellationToken).ConfigureAwait(false);
            if (!copy.IsOver)
                return page;
            await Leave().ConfigureAwait(false);
            _alone = 1;
            return page;
        }
        catch (Exception exception)
        {
            await Leave().ConfigureAwait(false);
            if (exception is StorageException || PostgreSqlErrors.IsKnown(exception))
                return null; // Read by itself, it is tried again, or fails in its own words.
            throw;
        }
    }

    private async ValueTask Leave()
    {
        if (_copy is not { } copy)
            return;
        _copy = null;
        await copies.End(copy).ConfigureAwait(false);
    }

    private void BeginPause()
    {
        _pause ??= copies.Time.CreateTimer(
            static pages => _ = ((CopiedPages)pages!).LeavePaused(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pause.Change(LongestPause, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Leaves the copy, unless a page is being taken from it just now: then another pause begins behind that.</summary>
    private async Task LeavePaused()
    {
        if (!await _gate.WaitAsync(0, CancellationToken.None).ConfigureAwait(false))
            return;
        try
        {
            await Leave().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
