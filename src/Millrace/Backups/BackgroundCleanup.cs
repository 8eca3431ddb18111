using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>Cleans the log of a set in the background, one object after the other, while parts are written.</summary>
internal sealed class BackgroundCleanup : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task? _step;

    /// <summary>Gets whether an object is being cleaned, so that it must not be joined.</summary>
    public bool IsBusy => _step is { IsCompleted: false };

    /// <summary>
    /// Starts to clean the next object, unless one is being cleaned. Throws the failure of the last one.
    /// </summary>
    /// <param name="cleaner">Cleans the objects.</param>
    /// <param name="contents">The set.</param>
    /// <param name="done">Called after the object, also after a failure.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Continue(
        LogCleaner cleaner, BackupContents contents, Action done, CancellationToken cancellationToken)
    {
        if (IsBusy)
            return;
        if (_step is { } last)
        {
            _step = null;
            await last.ConfigureAwait(false);
        }
        if (cleaner.FindNext(contents) is { } part)
            _step = Task.Run(() => Clean(cleaner, part, done, _stop.Token), CancellationToken.None);
        else
            await cleaner.End(contents, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the cleanup, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_step is { } step)
            await step.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static async Task Clean(
        LogCleaner cleaner, LogObjectName part, Action done, CancellationToken cancellationToken)
    {
        try
        {
            await cleaner.Clean(part, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            done();
        }
    }
}
