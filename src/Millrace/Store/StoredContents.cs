using Microsoft.Extensions.Logging;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Caching;

namespace Millrace.Store;

/// <summary>
/// The contents of a store as they are stored, with encrypted values, and the caches of decrypted values.
/// </summary>
/// <param name="storage">The storage without decryption. If tenants share a storage, it decrypts.</param>
/// <param name="services">The encryption, which is null without keys, and the loggers.</param>
/// <param name="tail">The cache of the newest events.</param>
internal sealed class StoredContents(IStorage storage, StoreServices services, LogTail tail)
{
    private static readonly EventFilter KeyEvents = ErasedKeyReader.Filter;

    private const int PageEvents = 200;

    private long _round;

    /// <summary>Occurs after data keys were destroyed, so that caches of decrypted values must be cleared.</summary>
    public event Action? KeysDestroyed;

    /// <summary>Gets a number that increases after decrypted values were removed from the memory.</summary>
    public long Round => Interlocked.Read(ref _round);

    public IStorage Storage => storage;

    /// <summary>Gets the storage without the copy that a node may keep in memory.</summary>
    public IStorage Primary { get; } = CachedStorage.PrimaryOf(storage);

    /// <summary>Gets the storage without an archive and without the copy that a node may keep in memory.</summary>
    public IStorage Inner { get; } = CachedStorage.PrimaryOf(ArchivedStorage.InnerOf(storage));

    public StoreProtection? Protection => services.Protection;

    /// <summary>Gets the reader of the events about destroyed keys; null without keys.</summary>
    public ErasedKeyReader? ErasedKeys { get; } = services.Protection is { Keys: { } keys } protection
        ? new(storage.Log, keys, protection.Scope, services.Loggers.CreateLogger<ErasedKeyReader>())
        : null;

    /// <summary>Removes keys and decrypted values from the memory of this node.</summary>
    public void ForgetValues()
    {
        Protection?.Keys?.Forget();
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
        if (ErasedKeys is not { } reader || update.Head == seen)
            return false;
        if (update.Events.Count == update.Head.Position - seen.Position && update.Head.Epoch == seen.Epoch)
        {
            var events = update.Events.Where(static recorded => KeyEvents.Types.Contains(recorded.Type)).ToArray();
            await Erase(reader, events, cancellationToken).ConfigureAwait(false);
            return events.Length > 0;
        }
        // If the log was restored or promoted, the events in between are unknown.
        var isOtherLog = update.Head.Epoch != seen.Epoch;
        return await ReadDestroyedKeys(reader, isOtherLog ? 1 : seen.Position + 1, cancellationToken)
            .ConfigureAwait(false) || isOtherLog;
    }

    private async ValueTask<bool> ReadDestroyedKeys(
        ErasedKeyReader reader, long from, CancellationToken cancellationToken)
    {
        var isFound = false;
        var query = new LogPageQuery(KeyEvents, from, IsBackwards: false, PageEvents);
        while (true)
        {
            var page = await storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            isFound |= page.Events.Count > 0;
            await Erase(reader, page.Events, cancellationToken).ConfigureAwait(false);
            if (page.IsEnd)
                return isFound;
            query = query with { From = page.Next };
        }
    }

    /// <summary>Makes the data of the owners erased that the events name.</summary>
    private static async ValueTask Erase(
        ErasedKeyReader reader, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var trusted = await reader.AddOwners(events, cancellationToken).ConfigureAwait(false);
        try
        {
            await reader.AddKeys(trusted, cancellationToken).ConfigureAwait(false);
        }
        catch (KeyStoreException)
        {
            // The owners are known. Their keys matter only in a key store that does not contain them.
        }
    }
}
