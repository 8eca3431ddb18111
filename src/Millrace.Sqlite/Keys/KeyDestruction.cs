using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Keys;

/// <summary>Destroys keys so that no file of the key store contains their bytes afterwards.</summary>
/// <remarks>
/// The bytes are overwritten in place. The rollback journal, which contains the former page, is removed by the commit:
/// until then, the key is not destroyed. When SQLite moves rows between pages, because a rewrapped key has another
/// length, it may leave copies of former and current bytes in unused parts of pages. They are removed before the key is
/// destroyed.
/// </remarks>
internal static class KeyDestruction
{
    private const int MaxAttempts = 3;

    /// <exception cref="KeyStoreException">Copies of the keys cannot be removed. Nothing was destroyed.</exception>
    public static IReadOnlyList<string> Run(Connection connection, KeyOwner owner, DateTimeOffset at)
    {
        long removedMoves = 0;
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (TryDestroy(connection, owner, at, removedMoves) is { } destroyed)
                return destroyed;
            removedMoves = CountMoves(connection); // Before the copies of these moves are removed.
            connection.Execute("VACUUM"); // Writes all pages again, without their unused parts.
        }
        throw new KeyStoreException(
            $"The key store {connection.Path} contains copies of keys that cannot be removed. Nothing was destroyed. "
                + "Run SQLite's VACUUM on the file, and try again.",
            StorageProblem.Other);
    }

    /// <summary>Returns the ids of the destroyed keys, or null, without any change, if there are copies.</summary>
    private static List<string>? TryDestroy(
        Connection connection, KeyOwner owner, DateTimeOffset at, long removedMoves) =>
        KeyFile.InTransaction(connection, locked =>
        {
            if (removedMoves > 0)
                locked.Get("UPDATE header SET removed_moves = max(removed_moves, ?1)").Bind(1, removedMoves).Run();
            var all = KeyRows.FindAll(locked, owner);
            var keys = all.Where(row => row.Key.State != KeyState.Destroyed).ToArray();
            if (keys.Length > 0 && locked.Get("SELECT moves > removed_moves FROM header").Scalar() != 0)
                return null;
            if (KeyCopies.Exist(locked, [.. keys.Select(row => row.Key.Wrapped)]))
                return null;
            foreach (var (_, number) in keys)
                KeyRows.Destroy(locked, number, at);
            // The keys of all kinds are destroyed one by one, but later kinds need a separate record.
            if (!all.Any(row => row.Key.Owner == owner))
                KeyRows.Insert(locked, KeyFile.DestroyedRecord(owner, at));
            return keys.Select(row => row.Key.Id).ToList();
        });

    /// <summary>Returns how often rows may have been moved.</summary>
    private static long CountMoves(Connection connection) => connection.Get("SELECT moves FROM header").Scalar();
}
