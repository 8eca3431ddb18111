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

    /// <summary>Returns whether another node may have destroyed keys after a known end of the log.</summary>
    /// <param name="seen">The known end.</param>
    /// <param name="update">The new end, with the events in between if they were read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<bool> HasDestroyedKeys(
        LogHead seen, LogUpdate update, CancellationToken cancellationToken)
    {
        if (protection is null || update.Head == seen)
            return false;
        if (update.Head.Epoch != seen.Epoch)
            return true; // The log was restored or promoted, so that the events in between are unknown.
        if (update.Events.Count == update.Head.Position - seen.Position)
            return update.Events.Any(static recorded => KeyEvents.Types.Contains(recorded.Type));
        var query = new LogPageQuery(KeyEvents, seen.Position + 1, IsBackwards: false, Limit: 1) { IsBrief = true };
        var page = await storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count > 0;
    }
}
