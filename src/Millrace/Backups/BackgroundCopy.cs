using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>Writes a table copy in the background, while parts are written.</summary>
internal sealed class BackgroundCopy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TableCopyWriter _copy;
    private readonly Task<StoredObject> _task;
    private readonly Task _notified;

    /// <param name="copy">The table copy, which is disposed afterwards.</param>
    /// <param name="done">Called when <see cref="IsDone"/> is true, also after a failure.</param>
    public BackgroundCopy(TableCopyWriter copy, Action done)
    {
        _copy = copy;
        // An embedded database reads on the calling thread.
        _task = Task.Run(() => Run(_stop.Token), CancellationToken.None);
        _notified = Notify(done);
    }

    /// <summary>Gets the set to which the table copy belongs.</summary>
    public BackupSetId Set => _copy.Set;

    /// <summary>Gets the position that the rows reflect.</summary>
    public long Position => _copy.Position;

    public bool IsDone => _task.IsCompleted;

    /// <summary>Returns the object that completes the table copy, or throws its failure.</summary>
    public Task<StoredObject> End() => _task;

    /// <summary>Stops the copy, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _notified.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<StoredObject> Run(CancellationToken cancellationToken)
    {
        await using var _ = _copy.ConfigureAwait(false);
        return await _copy.Write(cancellationToken).ConfigureAwait(false);
    }

    private async Task Notify(Action done)
    {
        await ((Task)_task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        done();
    }
}
