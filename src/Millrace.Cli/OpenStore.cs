using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>The store that a command works on, opened beside whoever else uses it.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    private OpenStore(IStorage storage, EventStore store, string file) => (Storage, Store, File) = (storage, store, file);

    /// <summary>The store's file.</summary>
    public string File { get; }

    /// <summary>What lies under the store.</summary>
    public IStorage Storage { get; }

    public EventStore Store { get; }

    /// <summary>Opens a store that is there.</summary>
    /// <exception cref="CliException">No file is named, or it is not there.</exception>
    public static Task<OpenStore> Existing(ToolCall call, CancellationToken cancellationToken) =>
        At(StoreFileName.Existing(call), call.Time, cancellationToken);

    /// <summary>Opens a store, and makes it if it is not there.</summary>
    public static Task<OpenStore> At(string file, TimeProvider time, CancellationToken cancellationToken) =>
        At(file, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens a store that is there, with the event types of a build.</summary>
    public static Task<OpenStore> Existing(ToolCall call, EventTypeMap types, CancellationToken cancellationToken) =>
        At(StoreFileName.Existing(call), types, call.Time, cancellationToken);

    /// <summary>Opens a store that is there, and changes nothing in it.</summary>
    public static Task<OpenStore> ToRead(string file, TimeProvider time, CancellationToken cancellationToken) =>
        Open(new SqliteOptions { Path = file, IsReadOnly = true }, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens a store that is there, with the event types of a build, and changes nothing in it: its schema neither.</summary>
    /// <exception cref="StorageException">Its schema is older than this tool's, among others.</exception>
    public static Task<OpenStore> ToRead(ToolCall call, EventTypeMap types, CancellationToken cancellationToken) =>
        Open(new SqliteOptions { Path = StoreFileName.Existing(call), IsReadOnly = true }, types, call.Time, cancellationToken);

    /// <summary>
    /// Opens a store, and makes it if it is not there, to take what another store held: up to the largest limits that one can have.
    /// </summary>
    public static Task<OpenStore> ForImport(string file, TimeProvider time, CancellationToken cancellationToken) =>
        Open(new SqliteOptions { Path = file }, EventTypeMap.Empty, time, cancellationToken, LimitsOfAll);

    /// <summary>The largest limits that a store can be given.</summary>
    public static EventLimits LimitsOfAll => new()
    {
        MaxPayloadBytes = EventLimits.LargestPayloadBytes,
        MaxMetadataBytes = 1024 * 1024,
        MaxTagsPerEvent = 100,
    };

    private static async Task<OpenStore> At(string file, EventTypeMap types, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await Open(new SqliteOptions { Path = file }, types, time, cancellationToken);
        }
        catch (StorageException failure) when (
            failure.Problem is StorageProblem.ReadOnly or StorageProblem.Unavailable && System.IO.File.Exists(file))
        {
            // Who has no right to write can read all the same; what writes is refused by the storage then.
            return await Open(new SqliteOptions { Path = file, IsReadOnly = true }, types, time, cancellationToken);
        }
    }

    private static async Task<OpenStore> Open(
        SqliteOptions sqlite, EventTypeMap types, TimeProvider time, CancellationToken cancellationToken, EventLimits? limits = null)
    {
        var storage = new SqliteStorage(sqlite);
        try
        {
            // Without a build the tool knows no event types: it shows the bytes as they stand, and keeps given ones as they are.
            var options = new StoreOptions { Limits = limits ?? new EventLimits() };
            var store = await EventStore.Open(storage, types, options, time, cancellationToken: cancellationToken);
            return new OpenStore(storage, store, sqlite.Path);
        }
        catch
        {
            await storage.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
