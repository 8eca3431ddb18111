using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Notices what other programs write to the file, by asking for its version often.</summary>
internal sealed class LogChanges(ReaderPool readers, SqliteOptions options, TimeProvider time) : IDisposable
{
    private const string DataVersion = "PRAGMA data_version";

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private Connection? _connection; // Its data version only means something on one and the same connection.

    /// <summary>Returns when the log no longer ends where it was seen to, or after five seconds.</summary>
    /// <remarks>
    /// By the system's clock it waits on a thread of its own: twenty timers a second, each of which wakes threads of
    /// the pool, would cost an idle process ten times what the looks cost.
    /// </remarks>
    public async ValueTask Wait(LogHead seen, CancellationToken cancellationToken)
    {
        if (!ReferenceEquals(time, TimeProvider.System))
        {
            await WaitByClock(seen, cancellationToken).ConfigureAwait(false);
            return;
        }
        await Task.Factory.StartNew(
            () => WaitOnThread(seen, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _gate.Wait(CancellationToken.None);
        _connection?.Dispose();
        _connection = null;
        _gate.Release();
    }

    private void WaitOnThread(LogHead seen, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var known = -1L;
        do
        {
            _gate.Wait(cancellationToken);
            (known, var head) = Poll(known, seen);
            if (head != seen)
                return;
        }
        while (!cancellationToken.WaitHandle.WaitOne(options.PollInterval) && time.GetElapsedTime(started) < MaxWait);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask WaitByClock(LogHead seen, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var known = -1L;
        do
        {
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            (known, var head) = Poll(known, seen);
            if (head != seen)
                return;
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
        while (time.GetElapsedTime(started) < MaxWait);
    }

    /// <summary>Looks once, and opens the gate that the caller has passed.</summary>
    private (long Version, LogHead Head) Poll(long known, LogHead seen)
    {
        try
        {
            _connection ??= readers.Open();
            var version = _connection.Get(DataVersion).Scalar();
            return (version, version == known ? seen : SqliteLog.ReadHead(_connection));
        }
        catch (StorageException)
        {
            _connection?.Dispose();
            _connection = null;
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }
}
