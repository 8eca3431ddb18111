using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Reads the pages of the whole log with one COPY statement for many pages. The server sends the next pages while the
/// caller works on one. A page needs no separate plan and no round trip.
/// </summary>
/// <remarks>
/// The first pages are read individually, so that the server does not prepare further pages for a caller that needs
/// only one. A COPY statement returns the log as of its start. Until it ends, it occupies a connection and keeps a
/// snapshot of all tables. It is therefore closed after a second, or when no page is requested for a while. The next
/// page then starts another statement. The page after the last row of a statement is read individually, to find out
/// whether the log ends there.
/// </remarks>
internal sealed class CopyPageReader(ILogStorage log, LogCopyPool copies, LogPageQuery first) : IEventPages
{
    private const int PagesBeforeCopy = 2;
    private const int PagesOfCopy = 64;

    private static readonly TimeSpan MaxCopyDuration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _gate = new(1);
    private LogPageQuery _next = first;
    private int _pagesBeforeCopy = PagesBeforeCopy; // The number of pages still to read individually.
    private volatile OpenLogCopy? _copy;
    private ITimer? _pauseTimer;

    public bool ReadsAhead => _copy is not null;

    public async ValueTask<EventPage> Next(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _pauseTimer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var page = await ReadFromCopy(cancellationToken).ConfigureAwait(false)
                ?? await ReadIndividually(cancellationToken).ConfigureAwait(false);
            _next = _next with { From = page.Next };
            if (_copy is not null)
                RestartTimer();
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
            await CloseCopy().ConfigureAwait(false);
            if (_pauseTimer is { } pause)
                await pause.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private ValueTask<EventPage> ReadIndividually(CancellationToken cancellationToken)
    {
        _pagesBeforeCopy = Math.Max(0, _pagesBeforeCopy - 1);
        return log.ReadLog(_next, cancellationToken);
    }

    /// <summary>Reads the next page of the copy; null if the page must be read individually.</summary>
    private async ValueTask<EventPage?> ReadFromCopy(CancellationToken cancellationToken)
    {
        if (_pagesBeforeCopy > 0)
            return null;
        if (_copy is { } old && copies.Time.GetElapsedTime(old.StartedAt) > MaxCopyDuration)
            await CloseCopy().ConfigureAwait(false);
        try
        {
            var copy = _copy ??= await copies.Start(_next, PagesOfCopy, cancellationToken).ConfigureAwait(false);
            if (copy is null)
                return null;
            var page = await copy.Read(_next, cancellationToken).ConfigureAwait(false);
            if (!copy.IsComplete)
                return page;
            await CloseCopy().ConfigureAwait(false);
            _pagesBeforeCopy = 1;
            return page;
        }
        catch (Exception exception)
        {
            await CloseCopy().ConfigureAwait(false);
            if (exception is StorageException || PostgreSqlErrors.IsKnown(exception))
                return null; // The individual read tries again, or reports the failure.
            throw;
        }
    }

    private async ValueTask CloseCopy()
    {
        if (_copy is not { } copy)
            return;
        _copy = null;
        await copies.End(copy).ConfigureAwait(false);
    }

    private void RestartTimer()
    {
        _pauseTimer ??= copies.Time.CreateTimer(
            static pages => _ = ((CopyPageReader)pages!).ClosePausedCopy(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _pauseTimer.Change(MaxPause, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Closes the COPY statement, unless a page is being read from it. In that case, the timer starts again after that
    /// page.
    /// </summary>
    private async Task ClosePausedCopy()
    {
        if (!await _gate.WaitAsync(0, CancellationToken.None).ConfigureAwait(false))
            return;
        try
        {
            await CloseCopy().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }
}
