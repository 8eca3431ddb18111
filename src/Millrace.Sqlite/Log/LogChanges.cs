using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>Notices what other programs write to the file, by asking for its version often.</summary>
internal sealed class LogChanges(ReaderPool readers, SqliteOptions options, TimeProvider time) : IDisposable
{
    private const string DataVersion = "PRAGMA data_version";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private Connection? _connection; // Its data version only means something on one and the same connection.

    /// <summary>Returns when the log no longer ends where it was seen to, or after five seconds.</summary>
    public async ValueTask Wait(LogHead seen, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var known = -1L;
        while (time.GetElapsedTime(started) < LongestWait)
        {
            var (version, head) = await Look(known, seen, cancellationToken).ConfigureAwait(false);
            if (head != seen)
                return;
            known = version;
            await Task.Delay(options.PollInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _gate.Wait(CancellationToken.None);
        _connection?.Dispose();
        _connection = null;
        _gate.Release();
    }

    private async ValueTask<(long Version, LogHead Head)> Look(long known, LogHead seen, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
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
