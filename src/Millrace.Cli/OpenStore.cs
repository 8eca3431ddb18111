using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>The store that a command works on, opened beside whoever else uses it.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    private const int Connections = 4;

    private OpenStore(IStorage storage, EventStore store) => (Storage, Store) = (storage, store);

    /// <summary>The store's file, or its database without the password.</summary>
    public string File => Storage is SqliteStorage ? Storage.Description["SQLite ".Length..] : Storage.Description;

    /// <summary>What lies under the store.</summary>
    public IStorage Storage { get; }

    public EventStore Store { get; }

    /// <summary>Opens a store that is there.</summary>
    /// <exception cref="CliException">No file is named, or it is not there.</exception>
    public static Task<OpenStore> Existing(ToolCall call, CancellationToken cancellationToken) =>
        At(StoreFileName.Existing(call), mayBegin: false, EventTypeMap.Empty, call.Time, cancellationToken);

    /// <summary>Opens a store, and makes it if it is not there.</summary>
    public static Task<OpenStore> At(string file, TimeProvider time, CancellationToken cancellationToken) =>
        At(file, mayBegin: true, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens a store that is there, with the event types of a build.</summary>
    public static Task<OpenStore> Existing(ToolCall call, EventTypeMap types, CancellationToken cancellationToken) =>
        At(StoreFileName.Existing(call), mayBegin: false, types, call.Time, cancellationToken);

    /// <summary>Opens a store that is there, and changes nothing in it.</summary>
    public static Task<OpenStore> ToRead(string file, TimeProvider time, CancellationToken cancellationToken) =>
        Open(Beneath(file, isReadOnly: true), EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens a store that is there, with the event types of a build, and changes nothing in it: its schema neither.</summary>
    /// <exception cref="StorageException">Its schema is older than this tool's, among others.</exception>
    public static Task<OpenStore> ToRead(ToolCall call, EventTypeMap types, CancellationToken cancellationToken) =>
        Open(Beneath(StoreFileName.Existing(call), isReadOnly: true), types, call.Time, cancellationToken);

    /// <summary>
    /// Opens a store, and makes it if it is not there, to take what another store held: up to the largest limits that one can have.
    /// </summary>
    public static async Task<OpenStore> ForImport(string file, bool mayBegin, TimeProvider time, CancellationToken cancellationToken)
    {
        await RefuseOlder(file, cancellationToken);
        return await Open(Beneath(file, isReadOnly: false, mayBegin), EventTypeMap.Empty, time, cancellationToken, LimitsOfAll);
    }

    /// <summary>The largest limits that a store can be given.</summary>
    public static EventLimits LimitsOfAll => new()
    {
        MaxPayloadBytes = EventLimits.LargestPayloadBytes,
        MaxMetadataBytes = 1024 * 1024,
        MaxTagsPerEvent = 100,
    };

    /// <summary>Opens a store that is there, and brings its schema up to this tool's version: nothing else does.</summary>
    public static Task<OpenStore> ToUpgrade(ToolCall call, CancellationToken cancellationToken) =>
        Open(Beneath(StoreFileName.Existing(call), isReadOnly: false), EventTypeMap.Empty, call.Time, cancellationToken);

    private static async Task<OpenStore> At(
        string file, bool mayBegin, EventTypeMap types, TimeProvider time, CancellationToken cancellationToken)
    {
        await RefuseOlder(file, cancellationToken);
        try
        {
            return await Open(Beneath(file, isReadOnly: false, mayBegin), types, time, cancellationToken);
        }
        catch (StorageException failure) when (
            failure.Problem is StorageProblem.ReadOnly or StorageProblem.Unavailable or StorageProblem.Moved && System.IO.File.Exists(file))
        {
            // Who has no right to write can read all the same; what writes is refused by the storage then.
            return await Open(Beneath(file, isReadOnly: true), types, time, cancellationToken);
        }
    }

    /// <summary>
    /// An application of an older version could not open the file any more: who looks into it, or appends an event, does not mean that.
    /// </summary>
    private static async Task RefuseOlder(string file, CancellationToken cancellationToken)
    {
        if (StoreFileName.IsDatabase(file) || new FileInfo(file) is not { Exists: true, Length: > 0 })
            return; // A database is never changed by looking, and what is not there is not older.
        await using var storage = Beneath(file, isReadOnly: true);
        try
        {
            await storage.Open(cancellationToken);
        }
        catch (StorageException failure) when (failure.Problem != StorageProblem.TooOld)
        {
            // Whatever else is wrong is told when it is opened in earnest.
        }
    }

    /// <summary>One of the two places of a move, which is not opened: what is done there is done beside the applications.</summary>
    public static IStorage Place(string store) => Beneath(store, isReadOnly: false);

    /// <summary>What lies under a store: a file, or a database, in which tables are made only where a store may be begun.</summary>
    private static IStorage Beneath(string store, bool isReadOnly, bool mayBegin = true) => StoreFileName.IsDatabase(store)
        ? new PostgreSqlStorage(new PostgreSqlOptions
        {
            ConnectionString = store,
            MaxConnections = Connections,
            Migrates = mayBegin && !isReadOnly,
        })
        : new SqliteStorage(new SqliteOptions { Path = store, IsReadOnly = isReadOnly });

    private static async Task<OpenStore> Open(
        IStorage storage, EventTypeMap types, TimeProvider time, CancellationToken cancellationToken, EventLimits? limits = null)
    {
        try
        {
            // Without a build the tool knows no event types: it shows the bytes as they stand, and keeps given ones as they are.
            var options = new StoreOptions { Limits = limits ?? new EventLimits() };
            return new OpenStore(storage, await EventStore.Open(storage, types, options, time, cancellationToken: cancellationToken));
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
