using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>How a file is read that may not be written: by its options, by its rights, or by its medium.</summary>
/// <remarks>
/// Those who read a file in write-ahead mode share a file beside it. Where that can neither be found nor made, nobody
/// is writing: the store is then read as it stands, without locks, and refused as soon as a log of new commits appears
/// beside it.
/// </remarks>
internal static class ReadOnlyFile
{
    /// <summary>Looks at the file, and returns with which kind of connection it can be read.</summary>
    /// <exception cref="StorageException">It cannot be read; says why and what to do.</exception>
    public static ConnectionKind Probe(SqliteOptions options)
    {
        if (!File.Exists(options.Path))
            throw new StorageException(
                $"SQLite store '{options.Path}' cannot be read: there is no such file.", StorageProblem.Unavailable);
        var kind = Choose(options);
        using var connection = Connection.Open(options.Path, kind, options.BusyTimeout);
        StoreFile.RefuseForeignHeader(connection);
        var version = StoreFile.CheckVersion(connection);
        if (version == 0)
            throw new StorageException(
                $"'{options.Path}' is not a Millrace store yet: it is empty.", StorageProblem.NotAStore);
        if (version < StoreSchema.Version)
        {
            throw new StorageException(
                $"SQLite store '{options.Path}' has schema version {version} and must be brought up to version "
                    + $"{StoreSchema.Version} "
                + "before it is read. Open it once with the right to write, or a copy of it.",
                StorageProblem.TooOld);
        }
        return kind;
    }

    /// <summary>Refuses to go on reading a file as it stands when somebody has begun to write it.</summary>
    public static void RefuseWritten(string path)
    {
        if (HasLog(path))
        {
            throw new StorageException(
                $"SQLite store '{path}' was opened as a file that nobody writes, but now somebody does. Open it again.",
                StorageProblem.Unavailable);
        }
    }

    private static ConnectionKind Choose(SqliteOptions options)
    {
        try
        {
            using var connection = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
            StoreFile.RefuseForeignHeader(connection);
            connection.Get("PRAGMA user_version").Scalar(); // The first read opens the write-ahead log.
            return ConnectionKind.Read;
        }
        catch (StorageException failure) when (failure.Problem is StorageProblem.Unavailable or StorageProblem.ReadOnly)
        {
            RefuseLog(options.Path, failure);
            return ConnectionKind.Frozen;
        }
    }

    private static void RefuseLog(string path, StorageException failure)
    {
        if (HasLog(path))
        {
            throw new StorageException(
                $"SQLite store '{path}' has commits in its write-ahead log that cannot be read without the right to "
                    + $"write beside it. "
                + $"Open a copy of '{path}' and '{path}-wal', or a backup.",
                StorageProblem.ReadOnly,
                failure);
        }
    }

    private static bool HasLog(string path) => new FileInfo(path + "-wal") is { Exists: true, Length: > 0 };
}
