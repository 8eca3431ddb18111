using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The contents of a store as they are stored, with encrypted values, and the caches of decrypted values.
/// </summary>
/// <param name="storage">The storage without decryption. If tenants share a storage, it decrypts.</param>
/// <param name="protection">The encryption; null without keys.</param>
/// <param name="tail">The cache of the newest events.</param>
internal sealed class StoredContents(IStorage storage, StoreProtection? protection, LogTail tail)
{
    private static readonly EventFilter KeyEvents =
        EventFilter.OfTypes(ErasureEvents.KeysDestroyed, ErasureEvents.KeysDestroyedAgain);

    private const int PageEvents = 200;

    private long _round;

    /// <summary>Occurs after data keys were destroyed, so that caches of decrypted values must be cleared.</summary>
    public event Action? KeysDestroyed;

    /// <summary>Gets a number that increases after decrypted values were removed from the memory.</summary>
    public long Round => Interlocked.Read(ref _round);

    public IStorage Storage => storage;

    public StoreProtection? Protection => protection;

    /// <summary>Removes keys and decrypted values from the memory of this node.</summary>
    public void ForgetValues()
    {
        protection?.Keys?.Forget();
        tail.Clear();
        Interlocked.Increment(ref _round); // States that are read from now on contain no erased value.
        KeysDestroyed?.Invoke();
    }

    /// <summary>
    /// Returns whether another node may have destroyed keys after a known end of the log. Values under these keys are
    /// erased from now on.
    /// </summary>
    /// <param name="seen">The known end.</param>
    /// <param name="update">The new end, with the events in between if they were read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<bool> HasDestroyedKeys(
        LogHead seen, LogUpdate update, CancellationToken cancellationToken)
    {
        if (protection is null || update.Head == seen)
            return false;
        if (update.Events.Count == update.Head.Position - seen.Position && update.Head.Epoch == seen.Epoch)
        {
            var events = update.Events.Where(static recorded => KeyEvents.Types.Contains(recorded.Type)).ToArray();
            Erase(protection, events);
            return events.Length > 0;
        }
        // If the log was restored or promoted, the events in between are unknown.
        var isOtherLog = update.Head.Epoch != seen.Epoch;
        return await ReadDestroyedKeys(protection, isOtherLog ? 1 : seen.Position + 1, cancellationToken)
            .ConfigureAwait(false) || isOtherLog;
    }

    private async ValueTask<bool> ReadDestroyedKeys(
        StoreProtection protectionOfStore, long from, CancellationToken cancellationToken)
    {
        var isFound = false;
        var query = new LogPageQuery(KeyEvents, from, IsBackwards: false, PageEvents);
        while (true)
        {
            var page = await storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            isFound |= page.Events.Count > 0;
            Erase(protectionOfStore, page.Events);
            if (page.IsEnd)
                return isFound;
            query = query with { From = page.Next };
        }
    }

    private static void Erase(StoreProtection protection, IReadOnlyList<RecordedEvent> events)
    {
        foreach (var recorded in events)
        {
            if (ErasedKeys.Read(recorded.Payload.Span) is { } erased)
                protection.Revealer.Erased.Add(erased.KeyIds);
        }
    }
}
