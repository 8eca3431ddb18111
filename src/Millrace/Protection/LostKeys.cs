using System.Text.Json;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// The keys that were declared lost in the log. Readers treat them as destroyed while the key store does not contain
/// them. Thread-safe.
/// </summary>
/// <param name="log">The log without decryption.</param>
/// <param name="keys">The keys.</param>
internal sealed class LostKeys(ILogStorage log, KeyRing keys)
{
    private const int PageEvents = 200;

    private long _version;

    /// <summary>Gets the stream of the declarations.</summary>
    public static StreamId Stream { get; } = new("$keys");

    /// <summary>Reads the declarations since the last call.</summary>
    public async ValueTask Refresh(CancellationToken cancellationToken)
    {
        var (lost, version) = await Read(log, Interlocked.Read(ref _version), cancellationToken).ConfigureAwait(false);
        foreach (var key in lost)
            keys.TreatAsDestroyed(key.KeyId);
        Interlocked.Exchange(ref _version, version); // Going back only repeats declarations.
    }

    /// <summary>Reads the declarations after a version, and the version of the last one.</summary>
    public static async ValueTask<(IReadOnlyList<LostKey> Lost, long Version)> Read(
        ILogStorage log, long after, CancellationToken cancellationToken)
    {
        var lost = new List<LostKey>();
        while (true)
        {
            var query = new StreamPageQuery(Stream, after + 1, IsBackwards: false, PageEvents);
            var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                after = recorded.Version;
                if (recorded.Type == PlatformEvents.KeyLost
                    && JsonSerializer.Deserialize(recorded.Payload.Span, LostKeyJson.Default.LostKey) is { } key)
                    lost.Add(key);
            }
            if (page.Events.Count < PageEvents)
                return (lost, after);
        }
    }

    /// <summary>Returns the event that declares a key lost.</summary>
    public static NewEvent EventOf(LostKey key) =>
        NewEvent.FromBytes(
            PlatformEvents.KeyLost, JsonSerializer.SerializeToUtf8Bytes(key, LostKeyJson.Default.LostKey));
}
