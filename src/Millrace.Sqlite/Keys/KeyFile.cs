using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Keys;

/// <summary>Opens the file of a key store: creates it, or refuses it without changing it.</summary>
internal static partial class KeyFile
{
    /// <summary>"Mlrk": distinguishes a key store from an event store and from other SQLite files.</summary>
    public const int ApplicationId = 0x4D6C726B;

    private const int Version = 1;
    private const int HeaderBytes = 100;
    private const int ApplicationIdOffset = 68;
    private const int SaltBytes = 32;
    private const int KeyIdBytes = 16;

    // The wrapped bytes have a separate table, whose rows are only appended and keep their size when a key is
    // destroyed. SQLite therefore does not move them to other pages.
    private const string Tables = """
        CREATE TABLE header (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            store_id BLOB NOT NULL,
            salt BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            moves INTEGER NOT NULL DEFAULT 0,
            removed_moves INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE keys (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT NOT NULL,
            subject TEXT NOT NULL,
            kind TEXT NOT NULL,
            state INTEGER NOT NULL,
            master_key TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            destroyed_at INTEGER);
        CREATE INDEX keys_by_owner ON keys (tenant, subject, kind);
        CREATE UNIQUE INDEX active_keys ON keys (tenant, subject, kind) WHERE state = 0;
        CREATE TABLE wrapped_keys (
            number INTEGER PRIMARY KEY,
            bytes BLOB NOT NULL);
        """;

    private const string CountTables = "SELECT count(*) FROM sqlite_master";
    private const string OtherApplication = "it is an SQLite database of another application";

    private static readonly Lock Creation = new();

    /// <exception cref="StorageException">The file cannot be used.</exception>
    public static Connection Open(string path, TimeSpan busyTimeout, TimeProvider time, ILogger? logger)
    {
        CreatePrivate(path);
        var connection = Connection.Open(path, ConnectionKind.Write, busyTimeout);
        try
        {
            ThrowIfOtherFile(connection);
            Configure(connection);
            if (connection.Get("PRAGMA user_version").Scalar() != Version)
                InTransaction(connection, locked => Create(locked, time));
            WarnIfPublic(path, logger);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs reads and writes in a transaction. An exception rolls it back.</summary>
    public static T InTransaction<T>(Connection connection, Func<Connection, T> work)
    {
        connection.Get("BEGIN IMMEDIATE").Run();
        try
        {
            var result = work(connection);
            connection.Get("COMMIT").Run();
            return result;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    /// <summary>Returns a record of an owner whose keys were destroyed before it had one.</summary>
    public static KeyRecord DestroyedRecord(KeyOwner owner, DateTimeOffset at) => new()
    {
        Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyIdBytes)),
        Owner = owner,
        State = KeyState.Destroyed,
        CreatedAt = at,
        DestroyedAt = at,
    };

    public static KeyStoreException Failure(string path, StorageException failure)
    {
        var advice = failure.Problem switch
        {
            StorageProblem.Busy => "Another program locked the file for too long. Try again.",
            StorageProblem.Full => "There is no space left on the disk. Nothing was written.",
            StorageProblem.ReadOnly => "Grant the program read and write access to the file and its directory.",
            StorageProblem.Unavailable => "Check that the file and its directory exist and can be read and written.",
            StorageProblem.Damaged => "The file is damaged: restore the key store from its backup.",
            StorageProblem.NotAStore => "Choose another path; the file was not changed.",
            _ => "Check the disk and the system's log.",
        };
        return new KeyStoreException(
            $"The key store '{path}' cannot be used ({failure.Problem}). {advice}", failure.Problem, failure);
    }

    /// <summary>
    /// Creates an empty file that only its owner can read. SQLite gives its journal the same rights.
    /// </summary>
    /// <remarks>
    /// Opens of this process wait, because closing the new file would release the locks of its other connections.
    /// </remarks>
    private static void CreatePrivate(string path)
    {
        if (Directory.Exists(path))
            throw new KeyStoreException(
                $"The key store '{path}' is a directory. Give the path of a file.", StorageProblem.NotAStore);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            creation.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        lock (Creation)
        {
            try
            {
                if (!File.Exists(path))
                    new FileStream(path, creation).Dispose();
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another program has just created the file.
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new KeyStoreException(
                    $"The key store '{path}' cannot be created: {exception.Message} Create its directory, or choose "
                        + "another path.",
                    StorageProblem.Unavailable,
                    exception);
            }
        }
    }

    /// <summary>Checks the first bytes, before SQLite reads or repairs a file of another kind.</summary>
    private static void ThrowIfOtherFile(Connection connection)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        var length = connection.ReadHeader(header);
        if (length == 0)
            return;
        if (length < HeaderBytes || !header.StartsWith("SQLite format 3\0"u8))
            throw OtherFile(connection.Path, "it is not an SQLite database");
        ThrowIfOtherId(connection.Path, BinaryPrimitives.ReadInt32BigEndian(header[ApplicationIdOffset..]));
        // An event store that is in use may have its id only in its write-ahead log, which SQLite reads.
        var applicationId = connection.Get("PRAGMA application_id").Scalar();
        var version = connection.Get("PRAGMA user_version").Scalar();
        ThrowIfOtherId(connection.Path, applicationId);
        if (applicationId == 0 && (version != 0 || connection.Get(CountTables).Scalar() > 0))
            throw OtherFile(connection.Path, OtherApplication);
        if (version > Version)
        {
            throw new KeyStoreException(
                $"The key store '{connection.Path}' has schema version {version}, and this version of Millrace knows "
                    + $"up to {Version}. Use the version of Millrace that wrote it, or a later one.",
                StorageProblem.TooNew);
        }
    }

    private static void ThrowIfOtherId(string path, long applicationId)
    {
        if (applicationId == StoreSchema.ApplicationId)
        {
            throw OtherFile(
                path, "it contains the events of a Millrace store. The keys must be stored apart from the events");
        }
        if (applicationId is not 0 and not ApplicationId)
            throw OtherFile(path, OtherApplication);
    }

    /// <summary>
    /// A rollback journal is removed by each commit, whereas a write-ahead log keeps former content. <c>EXTRA</c> also
    /// syncs the directory, so that a power failure cannot bring back the journal and with it a destroyed key.
    /// </summary>
    private static void Configure(Connection connection)
    {
        connection.Execute("PRAGMA journal_mode = DELETE");
        connection.Execute("PRAGMA synchronous = EXTRA");
        connection.Execute("PRAGMA secure_delete = ON");
        connection.Execute("PRAGMA temp_store = MEMORY");
        connection.Execute("PRAGMA mmap_size = 0");
    }

    private static bool Create(Connection connection, TimeProvider time)
    {
        ThrowIfOtherFile(connection); // Another program may have created it meanwhile.
        if (connection.Get("PRAGMA user_version").Scalar() == Version)
            return false;
        connection.Execute(Tables);
        connection.Get("INSERT INTO header (id, store_id, salt, created_at, created_by) VALUES (1, ?1, ?2, ?3, ?4)")
            .Bind(1, new Guid(RandomNumberGenerator.GetBytes(16)))
            .Bind(2, RandomNumberGenerator.GetBytes(SaltBytes))
            .Bind(3, StoredTime.ToMicroseconds(time.GetUtcNow()))
            .Bind(4, $"Millrace {typeof(KeyFile).Assembly.GetName().Version}")
            .Run();
        connection.Execute($"PRAGMA application_id = {ApplicationId}");
        connection.Execute($"PRAGMA user_version = {Version}");
        return true;
    }

    private static KeyStoreException OtherFile(string path, string reason) =>
        new(
            $"'{path}' is not a Millrace key store: {reason}. Choose another path; the file was not changed.",
            StorageProblem.NotAStore);

    private static void WarnIfPublic(string path, ILogger? logger)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (logger is not null && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & others) != 0)
            PublicFile(logger, path);
    }

    [LoggerMessage(
        EventId = 13002,
        Level = LogLevel.Warning,
        Message = "All users of this computer can read the key store {File}. Restrict it to its owner (chmod 600).")]
    private static partial void PublicFile(ILogger logger, string file);
}
