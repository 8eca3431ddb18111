using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Schema;

/// <summary>
/// Determines how to read a file that cannot be written: because of the options, its permissions or its medium.
/// </summary>
/// <remarks>
/// Readers of a file in write-ahead mode share a second file next to it. If that file neither exists nor can be
/// created, no program is writing. The store is then read without locks, and refused as soon as a log with new commits
/// appears next to it.
/// </remarks>
internal static class ReadOnlyFile
{
    /// <summary>Checks the file, and returns the kind of connection that can read it.</summary>
    /// <exception cref="StorageException">The file cannot be read. The message contains the reason and a
    /// remedy.</exception>
    public static ConnectionKind Probe(SqliteOptions options)
    {
        if (!File.Exists(options.Path))
            throw new StorageException(
                $"SQLite store '{options.Path}' cannot be read: the file does not exist.", StorageProblem.Unavailable);
        var kind = Choose(options);
        using var connection = Connection.Open(options.Path, kind, options.BusyTimeout);
        StoreFile.ThrowIfOtherDatabase(connection);
        var version = StoreFile.CheckVersion(connection);
        if (version == 0)
            throw new StorageException(
                $"'{options.Path}' is not a Millrace store yet: it is empty.", StorageProblem.NotAStore);
        if (version < StoreSchema.Version)
        {
            throw new StorageException(
                $"SQLite store '{options.Path}' has schema version {version} and must be upgraded to version "
                    + $"{StoreSchema.Version} before it is read. Open it, or a copy of it, once with write access.",
                StorageProblem.TooOld);
        }
        return kind;
    }

    /// <summary>
    /// Throws an exception if another program has started to write the file, which is read without locks.
    /// </summary>
    public static void ThrowIfWritten(string path)
    {
        if (HasLog(path))
        {
            throw new StorageException(
                $"SQLite store '{path}' was opened as a file that no program writes, but now a program is writing it. "
                    + "Open it again.",
                StorageProblem.Unavailable);
        }
    }

    private static ConnectionKind Choose(SqliteOptions options)
    {
        try
        {
            using var connection = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
            StoreFile.ThrowIfOtherDatabase(connection);
            connection.Get("PRAGMA user_version").Scalar(); // The first read opens the write-ahead log.
            return ConnectionKind.Read;
        }
        catch (StorageException failure) when (failure.Problem is StorageProblem.Unavailable or StorageProblem.ReadOnly)
        {
            ThrowIfLogExists(options.Path, failure);
            return ConnectionKind.Frozen;
        }
    }

    private static void ThrowIfLogExists(string path, StorageException failure)
    {
        if (HasLog(path))
        {
            throw new StorageException(
                $"SQLite store '{path}' has commits in its write-ahead log, which cannot be read without write access "
                    + $"to the directory. Open a copy of '{path}' and '{path}-wal', or a backup.",
                StorageProblem.ReadOnly,
                failure);
        }
    }

    private static bool HasLog(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
}
