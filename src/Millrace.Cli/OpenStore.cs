using Millrace.Cli.Output;
using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>The store of a command, opened while other programs use it.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    private const int ConnectionLimit = 4;

    private static readonly Style Dim = new(Color.Grey);

    private string? _shardFile;
    private IReadOnlyList<(ShardId? Shard, OpenStore Store)> _parts = [];

    private OpenStore(IStorage sharedStorage, IStorage storage, EventStore store) =>
        (SharedStorage, Storage, Store) = (sharedStorage, storage, store);

    /// <summary>Gets the path of the store's file, or the address of its database without the password.</summary>
    public string File =>
        _shardFile is not null ? _shardFile
        : SharedStorage is SqliteStorage ? SharedStorage.Description["SQLite ".Length..] : SharedStorage.Description;

    /// <summary>
    /// Gets the storage of the store, with archived contents. For a tenant in a shared store, gets the storage of the
    /// tenant.
    /// </summary>
    public IStorage Storage { get; }

    /// <summary>Gets whether the store is that of a tenant in a shared store.</summary>
    public bool IsPart { get; private init; }

    /// <summary>
    /// Gets the storage of the file or the database, with all tenants that share it, and without archived contents.
    /// </summary>
    public IStorage SharedStorage { get; }

    public EventStore Store { get; }

    /// <summary>Gets the shards, if the store consists of several; otherwise null.</summary>
    public ShardTool? Shards { get; private init; }

    /// <summary>Gets the stores of the shards, with their names; without shards, only this store.</summary>
    public IReadOnlyList<(ShardId? Shard, OpenStore Store)> Parts => _parts.Count > 0 ? _parts : [(null, this)];

    /// <summary>Gets the event store; with shards, that of the home shard.</summary>
    public EventStore HomeStore => Parts[0].Store.Store;

    /// <summary>
    /// Returns the stores in which a collection or a consumer exists, with its name in each. In shards, the name can
    /// differ.
    /// </summary>
    public async Task<IReadOnlyList<(OpenStore Store, string Name)>> PartsWith(
        string name, CancellationToken cancellationToken)
    {
        if (Shards is null)
            return [(this, name)];
        var names = await Shards.FindNames(name, cancellationToken);
        // Shards have names.
        return [.. _parts.Where(part => names.ContainsKey(part.Shard!.Value))
            .Select(part => (part.Store, names[part.Shard!.Value]))];
    }

    /// <summary>Gets the consumers of the store, or of all shards.</summary>
    public Consumers Consumers => Shards?.CreateConsumers() ?? Consumers.Of(Store);

    /// <summary>Gets the projections of the store, or of all shards.</summary>
    public Projections Projections => Shards?.CreateProjections() ?? Projections.Of(Store);

    /// <summary>Returns the dead letters of the store, or of all shards.</summary>
    public DeadLetters DeadLetters(ModelCatalog? model = null) =>
        Shards?.CreateDeadLetters(model) ?? Millrace.DeadLetters.Of(Store, model);

    /// <summary>Returns the explanations of the store, or of all shards.</summary>
    public Explanations Explanations(ModelCatalog model, IReadOnlyList<SqlProjection> tables) =>
        Shards?.CreateExplanations(model, tables) ?? Millrace.Explanations.Of(Store, model, tables);

    /// <summary>Combines the open stores of shards, and closes them when it is disposed.</summary>
    public static OpenStore OfShards(
        string file, ShardTool shards, EventStore store, IEnumerable<(ShardId Shard, OpenStore Store)> parts) =>
        new(shards.Storage, shards.Storage, store)
        {
            Shards = shards,
            _shardFile = file,
            _parts = [.. parts.Select(static one => ((ShardId?)one.Shard, one.Store))],
        };

    /// <summary>Opens an existing store at a location.</summary>
    public static Task<OpenStore> ExistingAt(
        StoreLocation location, EventTypeMap types, TimeProvider time, CancellationToken cancellationToken) =>
        OpenOrCreate(location, mayCreate: false, types, time, cancellationToken);

    /// <summary>Opens an existing store.</summary>
    /// <exception cref="CliException">No store is specified, or it does not exist.</exception>
    public static Task<OpenStore> Existing(ToolInvocation call, CancellationToken cancellationToken) =>
        Existing(call, EventTypeMap.Empty, cancellationToken);

    /// <summary>Opens a store, and creates it if it does not exist.</summary>
    public static Task<OpenStore> OpenOrCreate(
        StoreLocation location, TimeProvider time, CancellationToken cancellationToken) =>
        OpenOrCreate(location, mayCreate: true, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>Opens an existing store with the event types of a build.</summary>
    public static async Task<OpenStore> Existing(
        ToolInvocation call,
        EventTypeMap types,
        CancellationToken cancellationToken
    ) => NotifyIfFound(
        call, await OpenOrCreate(StoreLocator.Existing(call), mayCreate: false, types, call.Time, cancellationToken));

    /// <summary>Opens an existing store for reading.</summary>
    public static Task<OpenStore> OpenForReading(
        StoreLocation location, TimeProvider time, CancellationToken cancellationToken) =>
        Open(location, isReadOnly: true, mayCreate: true, EventTypeMap.Empty, time, cancellationToken);

    /// <summary>
    /// Opens an existing store for reading, with the event types of a build. Its schema is not changed.
    /// </summary>
    /// <exception cref="StorageException">For example, the schema is older than the schema of this tool.</exception>
    public static async Task<OpenStore> OpenForReading(
        ToolInvocation call, EventTypeMap types, CancellationToken cancellationToken) =>
        NotifyIfFound(
            call,
            await Open(
                StoreLocator.Existing(call), isReadOnly: true, mayCreate: true, types, call.Time, cancellationToken));

    /// <summary>
    /// Opens a store to import events from another store. Creates the store if it does not exist. The store has the
    /// largest possible limits.
    /// </summary>
    public static async Task<OpenStore> ForImport(
        StoreLocation location, bool mayCreate, TimeProvider time, CancellationToken cancellationToken)
    {
        await RejectOlder(location, cancellationToken);
        return await Open(
            location, isReadOnly: false, mayCreate, EventTypeMap.Empty, time, cancellationToken, LimitsOfAll);
    }

    /// <summary>The largest limits that a store can have.</summary>
    public static EventLimits LimitsOfAll => new()
    {
        MaxPayloadBytes = EventLimits.LargestPayloadBytes,
        MaxMetadataBytes = 1024 * 1024,
        MaxTagsPerEvent = 100,
    };

    /// <summary>
    /// Opens an existing store and upgrades its schema to this tool's version. No other method does this.
    /// </summary>
    /// <remarks>A shared store is upgraded as a whole.</remarks>
    public static async Task<OpenStore> ToUpgrade(ToolInvocation call, CancellationToken cancellationToken) =>
        NotifyIfFound(
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

    /// <summary>
    /// If the user specified no store, writes the found store to standard error. The user may have expected another
    /// store.
    /// </summary>
    private static OpenStore NotifyIfFound(ToolInvocation call, OpenStore open)
    {
        if (call.IsInteractive && !call.IsJson && StoreLocator.FindSpecified(call) is null)
            call.Errors.WriteLine(TerminalText.Of($"Store: {NearbyFileFinder.DisplayPath(open.File)}"), Dim);
        return open;
    }

    private static async Task<OpenStore> OpenOrCreate(
        StoreLocation location,
        bool mayCreate,
        EventTypeMap types,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        await RejectOlder(location, cancellationToken);
        try
        {
            return await Open(location, isReadOnly: false, mayCreate, types, time, cancellationToken);
        }
        catch (StorageException failure) when (
            failure.Problem is StorageProblem.ReadOnly or StorageProblem.Unavailable or StorageProblem.Moved
            && System.IO.File.Exists(location.Store))
        {
            // Without write permission, the tool can still read. The storage then rejects writes.
            return await Open(location, isReadOnly: true, mayCreate: true, types, time, cancellationToken);
        }
    }

    /// <summary>
    /// Rejects a store with an older schema. After an upgrade, older applications cannot open the store. A read or an
    /// append must not cause this effect.
    /// </summary>
    private static async Task RejectOlder(StoreLocation location, CancellationToken cancellationToken)
    {
        if (location.IsDatabase || new FileInfo(location.Store) is not { Exists: true, Length: > 0 })
            return; // Reading never changes a database, and a missing file is not older.
        await using var storage = OpenStorage(location.Store, isReadOnly: true);
        try
        {
            await storage.Open(cancellationToken);
        }
        catch (StorageException failure) when (failure.Problem != StorageProblem.TooOld)
        {
            // Other errors are reported when the caller opens the store.
        }
    }

    /// <summary>Opens an existing store with all tenants that share it.</summary>
    public static async Task<OpenStore> OfAllTenants(ToolInvocation call, CancellationToken cancellationToken) =>
        NotifyIfFound(
            call,
            await OpenOrCreate(
                StoreLocator.Existing(call) with
                {
                    Part = null,
                },
                mayCreate: false,
                EventTypeMap.Empty,
                call.Time,
                cancellationToken));

    /// <summary>
    /// Returns one location of a move without opening it. Applications can use the store during the move.
    /// </summary>
    public static IStorage OpenWritableStorage(string store) => OpenStorage(store, isReadOnly: false);

    /// <summary>
    /// Returns the storage of a file or a database. Tables are created only when the store may be created.
    /// </summary>
    private static IStorage OpenStorage(string store, bool isReadOnly, bool mayCreate = true) =>
        StoreLocator.IsDatabase(store)
            ? new PostgreSqlStorage(
                new PostgreSqlOptions
                {
                    ConnectionString = store,
                    MaxConnections = ConnectionLimit,
                    Migrates = mayCreate && !isReadOnly,
                }
            )
            : new SqliteStorage(new SqliteOptions { Path = store, IsReadOnly = isReadOnly });

    private static async Task<OpenStore> Open(
        StoreLocation location,
        bool isReadOnly,
        bool mayCreate,
        EventTypeMap types,
        TimeProvider time,
        CancellationToken cancellationToken,
        EventLimits? limits = null)
    {
        var sharedStorage = OpenStorage(location.Store, isReadOnly, mayCreate);
        var archived = sharedStorage.WithArchive(new ParquetArchiveFormat(), ArchivePlaces.Open);
        var storage = location.Part is { } tenant ? Tenants.PartOf(archived, tenant) : archived;
        EventStore? store = null;
        try
        {
            // Without a build, the tool knows no event types. It shows the stored bytes, and appends payloads
            // unchanged.
            var options = new StoreOptions { Limits = limits ?? new EventLimits(), ReadsWithoutKeys = true };
            store = await EventStore.Open(storage, types, options, time, cancellationToken: cancellationToken);
            if (location.Part is { } part)
                await RejectUnknownTenant(sharedStorage, part, cancellationToken);
            return new OpenStore(sharedStorage, storage, store) { IsPart = location.Part is not null };
        }
        catch
        {
            await (store?.DisposeAsync() ?? storage.DisposeAsync()); // The store owns the storage.
            throw;
        }
    }

    private static async Task RejectUnknownTenant(
        IStorage sharedStorage, TenantId tenant, CancellationToken cancellationToken)
    {
        var all = await Tenants.ListIn(sharedStorage, cancellationToken);
        if (!all.Contains(tenant))
            throw TenantTemplate.UnknownTenant(tenant, all);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        foreach (var (_, part) in _parts)
            await part.DisposeAsync();
    }
}
