using System.Text;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>The data keys with which values of a log are encrypted, with their first positions.</summary>
/// <param name="scope">The rule for the tenants of events.</param>
internal sealed class KeyUses(ProtectionScope scope)
{
    private const int PageEvents = 500;

    private readonly Dictionary<string, LogKeyUse> _uses = new(StringComparer.Ordinal);

    /// <summary>Gets the uses, by the id of the key.</summary>
    public IReadOnlyDictionary<string, LogKeyUse> ByKey => _uses;

    /// <summary>Gets the number of events with encrypted values.</summary>
    public long EncryptedEvents { get; private set; }

    /// <summary>Reads the whole log.</summary>
    public static async Task<KeyUses> Read(
        ILogStorage log,
        ProtectionScope scope,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken)
    {
        var head = (await log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var uses = new KeyUses(scope);
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
        // A text of an application can look like an encrypted value.
        if (recorded.EncryptionKeyId is null && !PlatformEvents.Contains(recorded.Type))
            return;
        var (tenant, _) = scope.Split(recorded.Stream.Value);
        var isEncrypted = false;
        var rest = recorded.Payload.Span;
        while (rest.IndexOf(CipherText.Prefix) is >= 0 and var start)
        {
            rest = rest[(start + CipherText.Prefix.Length)..];
            if (rest.Length <= CipherText.KeyIdLength || rest[CipherText.KeyIdLength] != (byte)'.')
                continue;
            var id = Encoding.Latin1.GetString(rest[..CipherText.KeyIdLength]);
            var use = _uses.GetValueOrDefault(id, new LogKeyUse(recorded.Position, 0, tenant));
            _uses[id] = use with { Events = use.Events + 1, Tenant = use.Tenant == tenant ? tenant : null };
            isEncrypted = true;
        }
        if (isEncrypted)
            EncryptedEvents++;
    }
}
