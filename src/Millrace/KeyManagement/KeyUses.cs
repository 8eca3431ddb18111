using System.Text;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.KeyManagement;

/// <summary>The data keys with which values of a log are encrypted, with their first positions.</summary>
internal sealed class KeyUses
{
    private const int PageEvents = 500;

    private readonly Dictionary<string, (long First, long Events)> _uses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _destroyed = new(StringComparer.Ordinal);

    /// <summary>Gets the first position and the number of events, by the id of the key.</summary>
    public IReadOnlyDictionary<string, (long First, long Events)> ByKey => _uses;

    /// <summary>Gets the number of events with encrypted values.</summary>
    public long EncryptedEvents { get; private set; }

    /// <summary>Returns whether an erasure destroyed a key.</summary>
    public bool IsErased(string keyId) => _destroyed.Contains(keyId);

    /// <summary>Reads the whole log.</summary>
    public static async Task<KeyUses> Read(
        ILogStorage log, long head, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var uses = new KeyUses();
        var pages = log.ReadPages(new LogPageQuery(EventFilter.All, 1, IsBackwards: false, PageEvents));
        await using (pages.ConfigureAwait(false))
        {
            while (true)
            {
                var page = await pages.Next(cancellationToken).ConfigureAwait(false);
                foreach (var recorded in page.Events)
                    uses.Add(recorded);
                if (page.Events.Count > 0)
                    progress?.Report(new MaintenanceProgress(page.Events[^1].Position, head, "Reading the log"));
                if (page.IsEnd)
                    return uses;
            }
        }
    }

    private void Add(RecordedEvent recorded)
    {
        if (recorded.Type == ErasureEvents.KeysDestroyed && ErasedKeys.Read(recorded.Payload.Span) is { } erased)
            _destroyed.UnionWith(erased.KeyIds);
        // A text of an application can look like an encrypted value.
        if (recorded.EncryptionKeyId is null && !PlatformEvents.Contains(recorded.Type))
            return;
        var isEncrypted = false;
        var rest = recorded.Payload.Span;
        while (rest.IndexOf(CipherText.Prefix) is >= 0 and var start)
        {
            rest = rest[(start + CipherText.Prefix.Length)..];
            if (rest.Length <= CipherText.KeyIdLength || rest[CipherText.KeyIdLength] != (byte)'.')
                continue;
            var id = Encoding.Latin1.GetString(rest[..CipherText.KeyIdLength]);
            var (first, events) = _uses.GetValueOrDefault(id, (recorded.Position, 0));
            _uses[id] = (first, events + 1);
            isEncrypted = true;
        }
        if (isEncrypted)
            EncryptedEvents++;
    }
}
