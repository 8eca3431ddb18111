using System.Buffers.Binary;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Keys;
using Millrace.Storage;

namespace Millrace.Sqlite.Schema;

/// <summary>Opens the file: creates it, upgrades it, or refuses it without changing it.</summary>
internal static class StoreFile
{
    private const int HeaderBytes = 100;
    private const int ApplicationIdOffset = 68;

    private const string CountTables = "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'";
    private const string InsertHeader =
        "INSERT INTO header (id, store_id, epoch, created_at, created_by) VALUES (1, randomblob(16), 1, ?1, ?2)";

    /// <summary>Opens the file for writing.</summary>
    /// <exception cref="StorageException">The file cannot be used. The message contains the reason and a
    /// remedy.</exception>
    public static Connection Open(SqliteOptions options, TimeProvider time)
    {
        ThrowIfDirectoryMissing(options.Path);
        var connection = Connection.Open(options.Path, ConnectionKind.Create, options.BusyTimeout);
        try
        {
            connection.KeepLogOnClose();
            ThrowIfOtherDatabase(connection);
            CheckVersion(connection);
            Configure(connection, options);
            Migrate(connection, time);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Applies the settings of every writing connection.</summary>
    public static void Configure(Connection connection, SqliteOptions options)
    {
        connection.KeepLogOnClose();
        connection.Execute("PRAGMA journal_mode = WAL");
        connection.Execute("PRAGMA wal_autocheckpoint = 0");
        connection.Execute($"PRAGMA cache_size = -{options.CacheBytes / 1024}");
        connection.Execute("PRAGMA mmap_size = 0");
        connection.Execute(
            options.Synchronous == SqliteSynchronous.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"
        );
        if (options.MaxSizeBytes > 0)
            connection.Execute(
                $"PRAGMA max_page_count = {options.MaxSizeBytes / connection.Get("PRAGMA page_size").Scalar()}");
    }

    /// <summary>
    /// Returns the schema version of a store, and 0 for an empty file. Throws if the file is not a store, or its
    /// version is newer.
    /// </summary>
    public static int CheckVersion(Connection connection)
    {
        var applicationId = connection.Get("PRAGMA application_id").Scalar();
        var version = connection.Get("PRAGMA user_version").Scalar();
        if (applicationId == 0 && version == 0 && connection.Get(CountTables).Scalar() == 0)
            return 0;
        if (applicationId != StoreSchema.ApplicationId)
            throw OtherDatabase(connection.Path, applicationId);
        if (version > StoreSchema.Version)
        {
            throw new StorageException(
                $"SQLite store '{connection.Path}' has schema version {version}, and this version of Millrace knows "
                    + $"up to {StoreSchema.Version}. Use the version of Millrace that wrote it, or a later one.",
                StorageProblem.TooNew);
        }
        return (int)version;
    }

    /// <summary>
    /// Checks the first bytes, so that SQLite does not read or repair a file that belongs to another application.
    /// </summary>
    public static void ThrowIfOtherDatabase(Connection connection)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        var length = connection.ReadHeader(header);
        if (length == 0)
            return;
        if (length < HeaderBytes || !header.StartsWith("SQLite format 3\0"u8))
        {
            throw new StorageException(
                $"'{connection.Path}' is not a Millrace store: it is not an SQLite database. Choose another path; the "
                    + "file was not changed.",
                StorageProblem.NotAStore);
        }
        var applicationId = BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdOffset..]);
        if (applicationId is not 0 and not StoreSchema.ApplicationId)
            throw OtherDatabase(connection.Path, applicationId);
    }

    private static void ThrowIfDirectoryMissing(string path)
    {
        if (Directory.Exists(path))
            throw new StorageException(
                $"SQLite store '{path}' is a directory. Give the path of a file.", StorageProblem.NotAStore);
        var directory = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!File.Exists(path) && directory is not null && !Directory.Exists(directory))
        {
            throw new StorageException(
                $"SQLite store '{path}' cannot be created: the directory '{directory}' does not exist. Create it, or "
                    + "choose another path.",
                StorageProblem.Unavailable);
        }
    }

    private static StorageException OtherDatabase(string path, long applicationId) =>
        new(
            applicationId == KeyFile.ApplicationId
                ? $"'{path}' is not an event store: it contains the keys of a Millrace store. Choose another path; the "
                    + "file was not changed."
                : $"'{path}' is not a Millrace store: it is an SQLite database of another application. Choose another "
                    + "path; the file was not changed.",
            StorageProblem.NotAStore);

    private static void Migrate(Connection connection, TimeProvider time)
    {
        if (connection.Get("PRAGMA user_version").Scalar() == StoreSchema.Version)
            return;
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var version = CheckVersion(connection); // Another program may have created it meanwhile.
            for (var next = version; next < StoreSchema.Version; next++)
                connection.Execute(StoreSchema.Migrations[next]);
            if (version == 0)
            {
                var creator = $"Millrace {typeof(StoreFile).Assembly.GetName().Version}";
                connection
                    .Get(InsertHeader)
                    .Bind(1, StoredTime.ToMicroseconds(time.GetUtcNow()))
                    .Bind(2, creator)
                    .Run();
                connection.Execute($"PRAGMA application_id = {StoreSchema.ApplicationId}");
            }
            connection.Execute($"PRAGMA user_version = {StoreSchema.Version}");
            connection.Execute("COMMIT");
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }
}
