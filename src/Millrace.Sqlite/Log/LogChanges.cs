using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Detects writes of other programs by polling the file's data version.</summary>
internal sealed class LogChanges(ReaderPool readers, SqliteOptions options, TimeProvider time) : IDisposable
{
    private const string DataVersion = "PRAGMA data_version";

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private Connection? _connection; // Data versions are comparable only on the same connection.

    /// <summary>Returns when the log has moved beyond a known end, or after five seconds.</summary>
    /// <remarks>
    /// With the system clock, this method waits on a dedicated thread. Twenty timers a second, each of which wakes pool
    /// threads, would cost an idle process ten times as much as the polling itself.
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
        var knownVersion = -1L;
        do
        {
            _gate.Wait(cancellationToken);
            (knownVersion, var head) = Poll(knownVersion, seen);
            if (head != seen)
                return;
        }
        while (!cancellationToken.WaitHandle.WaitOne(options.PollInterval) && time.GetElapsedTime(started) < MaxWait);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async ValueTask WaitByClock(LogHead seen, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var knownVersion = -1L;
        do
        {
            await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            (knownVersion, var head) = Poll(knownVersion, seen);
            if (head != seen)
                return;
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
        while (time.GetElapsedTime(started) < MaxWait);
    }

    /// <summary>Polls once, and releases the gate, which the caller has entered.</summary>
    private (long Version, LogHead Head) Poll(long knownVersion, LogHead seen)
    {
        try
        {
            _connection ??= readers.Open();
            var version = _connection.Get(DataVersion).Scalar();
            return (version, version == knownVersion ? seen : SqliteLog.ReadHead(_connection));
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
