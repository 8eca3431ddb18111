using System.Runtime.CompilerServices;
using Millrace.Auditing.Sealing;
using Millrace.Storage;

namespace Millrace.Auditing;

/// <summary>
/// Reads events as they are stored, without decryption, also from a log that was damaged. An event that cannot be read
/// has only its position.
/// </summary>
internal static class StoredEventReader
{
    /// <summary>Reads the matching events in order, up to a position.</summary>
    public static IAsyncEnumerable<(long Position, RecordedEvent? Event)> Read(
        ILogStorage log, EventFilter filter, long through, CancellationToken cancellationToken = default) =>
        Read(log, filter, through, static _ => { }, cancellationToken);

    /// <summary>Reads the matching events in order, up to a position.</summary>
    /// <param name="log">The log.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="through">The last position.</param>
    /// <param name="onStopped">
    /// Receives the position at which the reader stopped, because too many events cannot be read.
    /// </param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async IAsyncEnumerable<(long Position, RecordedEvent? Event)> Read(
        ILogStorage log,
        EventFilter filter,
        long through,
        Action<long> onStopped,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reader = new RobustReader(log);
        await foreach (var item in reader.Read(filter, 1, through, cancellationToken).ConfigureAwait(false))
            yield return (item.Position, item.Event);
        if (reader.StoppedAt is { } stopped)
            onStopped(stopped);
    }
}
