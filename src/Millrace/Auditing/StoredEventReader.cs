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
    public static async IAsyncEnumerable<(long Position, RecordedEvent? Event)> Read(
        ILogStorage log,
        EventFilter filter,
        long through,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in new RobustReader(log).Read(filter, 1, through, cancellationToken)
            .ConfigureAwait(false))
            yield return (item.Position, item.Event);
    }
}
