using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>The store that a command works on, opened beside whoever else uses it.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    private const int Connections = 4;

    private static readonly Style Dim = new(Color.Grey);

    private OpenStore(IStorage whole, IStorage storage, EventStore store) =>
        (Whole, Storage, Store) = (whole, storage, store);

    /// <summary>The store's file, or its database without the password.</summary>
    public string File => Whole is SqliteStorage ? Whole.Description["SQLite ".Length..] : Whole.Description;

    /// <summary>What lies under the store; of a tenant that shares one, its part.</summary>
    public IStorage Storage { get; }

    /// <summary>The file or the database, with all tenants that share it.</summary>
    public IStorage Whole { get; }

    public EventStore Store { get; }

    /// <summary>Opens a store that is there.</summary>
    /// <exception cref="CliException">No file is named, or it is not there.</exception>
    public static Task<OpenStore> Existing(ToolInvocation call, CancellationToken cancellationToken) =>
        Existing(call, EventTypeMap.Empty, cancellationToken);

    /// <summary>Opens a store, and makes it if it is not there.</summary>
    public static Task<OpenStore> At(StoreLocation place, TimeProvider time, CancellationToken cancellationToken) =>
        At(place, mayCreate: true, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens a store that is there, with the event types of a build.</summary>
    public static async Task<OpenStore> Existing(
        ToolInvocation call,
        EventTypeMap types,
        CancellationToken cancellationToken
    ) => Told(call, await At(StoreLocator.Existing(call), mayCreate: false, types, call.Time, cancellationToken));

    /// <summary>Opens a store that is there, and changes nothing in it.</summary>
    public static Task<OpenStore> ToRead(StoreLocation place, TimeProvider time, CancellationToken cancellationToken) =>
        Open(place, isReadOnly: true, mayCreate: true, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens a store that is there, with the event types of a build, and changes nothing in it: its schema
    /// neither.</summary>
    /// <exception cref="StorageException">Its schema is older than this tool's, among others.</exception>
    public static async Task<OpenStore> ToRead(
        ToolInvocation call, EventTypeMap types, CancellationToken cancellationToken) =>
        Told(
            call,
            await Open(
                StoreLocator.Existing(call), isReadOnly: true, mayCreate: true, types, call.Time, cancellationToken));

    /// <summary>
    /// Opens a store, and makes it if it is not there, to take what another store held: up to the largest limits that
    /// one can have.
    /// </summary>
    public static async Task<OpenStore> ForImport(
        StoreLocation place, bool mayCreate, TimeProvider time, CancellationToken cancellationToken)
    {
        await RefuseOlder(place, cancellationToken);
        return await Open(
            place, isReadOnly: false, mayCreate, EventTypeMap.Empty, time, cancellationToken, LimitsOfAll);
    }

    /// <summary>The largest limits that a store can be given.</summary>
    public static EventLimits LimitsOfAll => new()
    {
        MaxPayloadBytes = EventLimits.LargestPayloadBytes,
        MaxMetadataBytes = 1024 * 1024,
        MaxTagsPerEvent = 100,
    };

    /// <summary>Opens a store that is there, and brings its schema up to this tool's version: nothing else
    /// does.</summary>
    /// <remarks>A store that tenants share is upgraded whole.</remarks>
    public static async Task<OpenStore> ToUpgrade(ToolInvocation call, CancellationToken cancellationToken) =>
        Told(
            call,
            await Open(
                StoreLocator.Existing(call) with
                {
                    Part = null,
                },
                isReadOnly: false,
                mayCreate: true,
                EventTypeMap.Empty,
                call.Time,
                cancellationToken));

    /// <summary>Who named no store is told which was found, beside the answer: there may be another that was
    /// meant.</summary>
    private static OpenStore Told(ToolInvocation call, OpenStore open)
    {
        if (call.IsInteractive && !call.IsJson && StoreLocator.Named(call) is null)
            call.Errors.WriteLine(TerminalText.Of($"Store: {NearbyFileFinder.Shown(open.File)}"), Dim);
        return open;
    }

    private static async Task<OpenStore> At(
        StoreLocation place, bool mayCreate, EventTypeMap types, TimeProvider time, CancellationToken cancellationToken)
    {
        await RefuseOlder(place, cancellationToken);
        try
        {
            return await Open(place, isReadOnly: false, mayCreate, types, time, cancellationToken);
        }
        catch (StorageException failure) when (
            failure.Problem is StorageProblem.ReadOnly or StorageProblem.Unavailable or StorageProblem.Moved
            && System.IO.File.Exists(place.Store))
        {
            // Who has no right to write can read all the same; what writes is refused by the storage then.
            return await Open(place, isReadOnly: true, mayCreate: true, types, time, cancellationToken);
        }
    }

    /// <summary>
    /// An application of an older version could not open the file any more: who looks into it, or appends an event,
    /// does not mean that.
    /// </summary>
    private static async Task RefuseOlder(StoreLocation place, CancellationToken cancellationToken)
    {
        if (place.IsDatabase || new FileInfo(place.Store) is not { Exists: true, Length: > 0 })
            return; // A database is never changed by looking, and what is not there is not older.
        await using var storage = OpenStorage(place.Store, isReadOnly: true);
        try
        {
            await storage.Open(cancellationToken);
        }
        catch (StorageException failure) when (failure.Problem != StorageProblem.TooOld)
        {
            // Whatever else is wrong is told when it is opened in earnest.
        }
    }

    /// <summary>Opens a store that is there with all tenants that share it, whichever the call names.</summary>
    public static async Task<OpenStore> OfAllTenants(ToolInvocation call, CancellationToken cancellationToken) =>
        Told(
            call,
            await At(
                StoreLocator.Existing(call) with
                {
                    Part = null,
                },
                mayCreate: false,
                EventTypeMap.Empty,
                call.Time,
                cancellationToken));

    /// <summary>One of the two places of a move, which is not opened: what is done there is done beside the
    /// applications.</summary>
    public static IStorage OpenWritableStorage(string store) => OpenStorage(store, isReadOnly: false);

    /// <summary>What lies under a store: a file, or a database, in which tables are made only where a store may be
    /// begun.</summary>
    private static IStorage OpenStorage(string store, bool isReadOnly, bool mayCreate = true) =>
        StoreLocator.IsDatabase(store)
            ? new PostgreSqlStorage(
                new PostgreSqlOptions
                {
                    ConnectionString = store,
                    MaxConnections = Connections,
                    Migrates = mayCreate && !isReadOnly,
                }
            )
            : new SqliteStorage(new SqliteOptions { Path = store, IsReadOnly = isReadOnly });

    private static async Task<OpenStore> Open(
        StoreLocation place,
        bool isReadOnly,
        bool mayCreate,
        EventTypeMap types,
        TimeProvider time,
        CancellationToken cancellationToken,
        EventLimits? limits = null)
    {
        var whole = OpenStorage(place.Store, isReadOnly, mayCreate);
        var storage = place.Part is { } tenant ? Tenants.PartOf(whole, tenant) : whole;
        EventStore? store = null;
        try
        {
            // Without a build the tool knows no event types: it shows the bytes as they stand, and keeps given ones as
            // they are.
            var options = new StoreOptions { Limits = limits ?? new EventLimits() };
            store = await EventStore.Open(storage, types, options, time, cancellationToken: cancellationToken);
            if (place.Part is { } part)
                await RejectUnknownTenant(whole, part, cancellationToken);
            return new OpenStore(whole, storage, store);
        }
        catch
        {
            await (store?.DisposeAsync() ?? storage.DisposeAsync()); // The storage is the store's.
            throw;
        }
    }

    private static async Task RejectUnknownTenant(IStorage whole, TenantId tenant, CancellationToken cancellationToken)
    {
        var all = await Tenants.ListIn(whole, cancellationToken);
        if (!all.Contains(tenant))
            throw TenantTemplate.UnknownTenant(tenant, all);
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
