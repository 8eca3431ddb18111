using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Store;

namespace Millrace;

/// <summary>Appends events to streams, and reads streams and the log of all streams. Thread-safe.</summary>
/// <remarks>
/// When an append has returned, its events are durable, and every later read returns them. The events of a stream have
/// the versions 1, 2, 3 … and the events of the log have the positions 1, 2, 3 …, without gaps. Disposal refuses new
/// requests, commits the queued requests within <see cref="StoreOptions.DrainTimeout"/>, and closes the storage.
/// </remarks>
public sealed class EventStore : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly CommitQueue _queue;
    private readonly AppendEncoder _encoder;
    private readonly LogWatcher _logWatcher;
    private readonly MoveWatcher _moveWatcher;
    private readonly IStorage _storage;
    private readonly CommitGateway _gateway;
    private readonly ProtectionStartup _protection;
    private readonly LogReader _reader;
    private readonly GroupCommitter _groupCommitter;
    private volatile bool _isOpen;
    private bool _isStarted;
    private bool _isDisposed;

    private EventStore(IStorage storage, EventTypeMap types, StoreOptions options, StoreServices services)
    {
        storage = ArchivedStorage.Over(storage);
        Serializer = new EventSerializer(types, options.Limits, options.EventFormat);
        Tail = new LogTail(options.TailEvents) { Decoder = Serializer };
        Stored = new StoredContents(storage, services, Tail);
        _moveWatcher = new MoveWatcher(storage, services.Time, services.Loggers.CreateLogger<MoveWatcher>());
        var shared = storage as ISharedCommitQueue;
        Tokens = new StoreTokens(storage.Log, Tail);
        var protection = ProtectionStartup.Choose(services.Protection, options, shared);
        _storage = storage = protection is null ? storage : new ProtectedStorage(storage, protection);
        (Options, Time) = (options, services.Time);
        ReadModels = new ReadModelCatalog(() => Storage.Documents);
        Shapes = new QueryShapes(options.MaxQueryShapes, Time);
        _reader = new LogReader(storage.Log, Serializer, options.PageEvents, Stored, Shapes);
        var metrics = new StoreMetrics(services.Meters);
        var commitLogger = services.Loggers.CreateLogger<CommitWriter>();
        var writer = new CommitWriter(storage.Log, Tail, Time, metrics, new(Stored.Primary.Log, Time), commitLogger);
        _queue = new CommitQueue(writer, options, Time, metrics, storage.Log.CommitsOnCallingThread);
        var protector = protection?.CreateCommits(options.Limits, Stored.Storage);
        _gateway = new CommitGateway(_queue, shared, protector, services.Unmarked);
        _protection = new ProtectionStartup(this, Stored.Storage, _gateway, services);
        _groupCommitter = new GroupCommitter(this, _gateway);
        _encoder = new AppendEncoder(Serializer, options, Time);
        _logWatcher = new LogWatcher(storage.Log, Tail, Stored, Time, services.Loggers.CreateLogger<LogWatcher>());
    }

    /// <summary>Gets the display name of the storage.</summary>
    public string Description => _storage.Description;

    /// <summary>Gets the event types that this store reads and writes as objects.</summary>
    public EventTypeMap Types => Serializer.Types;

    /// <summary>Gets the storage. Throws an exception if the store is not open.</summary>
    internal IStorage Storage => _isOpen ? _storage : throw NotOpen();

    /// <summary>Gets the contents as they are stored, with encrypted values.</summary>
    internal StoredContents Stored { get; }

    /// <summary>Returns whether the store encrypts members of an event type.</summary>
    internal bool HasEncryptedValues(string eventType) => _protection.HasEncryptedValues(eventType);

    internal StoreOptions Options { get; }
    internal TimeProvider Time { get; }
    internal EventSerializer Serializer { get; }
    internal LogTail Tail { get; }
    internal StoreTokens Tokens { get; }
    internal ReadModelCatalog ReadModels { get; }
    internal QueryShapes Shapes { get; }
    internal IndexRequests IndexRequests { get; } = new();

    /// <summary>Gets or sets the hook that adds changes to commits; null for no hook.</summary>
    internal ICommitHook? Hook { get; set; }

    internal LogReader Reader => _isOpen ? _reader : throw NotOpen();

    /// <summary>Opens a store on a storage, which it owns. An application uses <c>AddMillrace</c>.</summary>
    /// <param name="storage">The storage of the events.</param>
    /// <param name="types">The event types. With <see cref="EventTypeMap.Empty"/>, the store reads all events as
    /// bytes.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <param name="loggers">The factory of loggers; null to log nothing.</param>
    /// <param name="meters">The factory of meters; null for a meter without a factory.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentException">Options are out of range. The message lists all of them.</exception>
    /// <exception cref="StorageException">The storage cannot be used. The message contains the reason.</exception>
    public static async Task<EventStore> Open(
        IStorage storage,
        EventTypeMap types,
        StoreOptions? options = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        IMeterFactory? meters = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(types);
        var services = new StoreServices(time ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, meters);
        var store = Create(storage, types, options ?? new StoreOptions(), services);
        try
        {
            await store.Start(cancellationToken).ConfigureAwait(false);
            return store;
        }
        catch
        {
            await store.Close().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Appends events to one stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The version that the stream must have.</param>
    /// <param name="events">At least one event: objects of registered types, or <see cref="NewEvent"/>.</param>
    /// <param name="cancellationToken">Cancels the append until the commit starts. After that, the call
    /// waits for the outcome.</param>
    /// <exception cref="VersionConflictException">The stream has another version.</exception>
    /// <exception cref="StreamDeletedException">A tombstone closed the stream.</exception>
    /// <exception cref="EventIdConflictException">The store already contains some but not all events of the append, or
    /// contains them at other versions or in other streams.</exception>
    /// <exception cref="EventTypeNotFoundException">The type of an object is not registered.</exception>
    /// <exception cref="CannotSerializeException">An event cannot be serialized.</exception>
    /// <exception cref="InvalidNameException">A name, a tag or a text in the metadata
    /// cannot be stored unchanged.</exception>
    /// <exception cref="LimitExceededException">An event or the append is too large.</exception>
    /// <exception cref="StoreBusyException">The store's queue remained full.</exception>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<AppendResult> Append(
        StreamId stream, ExpectedVersion expected, IReadOnlyCollection<object> events,
        CancellationToken cancellationToken = default) =>
        Append(new AppendRequest().To(stream, expected, events), cancellationToken);

    /// <summary>Appends events to one or several streams in one commit, with conditions and claims.</summary>
    /// <inheritdoc cref="Append(StreamId, ExpectedVersion, IReadOnlyCollection{object}, CancellationToken)"/>
    /// <exception cref="ConditionFailedException">An event that matches a condition was appended.</exception>
    /// <exception cref="ClaimTakenException">A unique value already has another owner.</exception>
    /// <exception cref="RecordedTimeException">The recorded time is in the future, or before the recorded time of the
    /// last event in the log.</exception>
    public async Task<AppendResult> Append(AppendRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = MillraceTelemetry.Source.HasListeners()
            ? MillraceTelemetry.Source.StartActivity(
                request.Streams.Count == 0 ? "append" : $"append {request.Streams[0].Stream.Category}")
            : null;
        var outcome = await TryAppend(request, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal is null ? ResultOf(outcome) : throw outcome.Refusal;
    }

    /// <summary>Reads a stream from a version to its end, oldest event first, in pages.</summary>
    /// <remarks>
    /// The result is empty if the stream does not exist or was deleted. <see cref="GetStream"/> distinguishes the two
    /// cases.
    /// </remarks>
    public IAsyncEnumerable<RecordedEvent> ReadStream(
        StreamId stream, long fromVersion = 1, CancellationToken cancellationToken = default) =>
        Reader.ReadStream(stream, fromVersion, isBackwards: false, cancellationToken);

    /// <summary>Reads a stream from a version, by default its end, newest event first, in pages.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadStreamBackwards(
        StreamId stream, long fromVersion = long.MaxValue, CancellationToken cancellationToken = default) =>
        Reader.ReadStream(stream, fromVersion, isBackwards: true, cancellationToken);

    /// <summary>Reads the events after a position that match a filter, to the end of the log, in pages.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadLog(
        EventFilter filter, long after = 0, CancellationToken cancellationToken = default) =>
        Reader.ReadLog(
            Types.WithFormerNames(filter), after == long.MaxValue ? after : after + 1, false, cancellationToken);

    /// <summary>Reads the events that match a filter, from a position (by default the end) back to
    /// the start, in pages.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadLogBackwards(
        EventFilter filter, long from = long.MaxValue, CancellationToken cancellationToken = default) =>
        Reader.ReadLog(Types.WithFormerNames(filter), from, isBackwards: true, cancellationToken);

    /// <summary>Reads one page of the log.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not from 1 to 10,000.</exception>
    public ValueTask<EventPage> ReadPage(LogPageQuery query, CancellationToken cancellationToken = default)
        => Reader.Query(query with { Filter = Types.WithFormerNames(query.Filter) }, cancellationToken);

    /// <summary>Reads one page of a stream.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not from 1 to 10,000.</exception>
    public ValueTask<EventPage> ReadPage(StreamPageQuery query, CancellationToken cancellationToken = default)
        => Reader.ReadPage(query, cancellationToken);

    /// <summary>Returns the event with an id; null if there is no such event.</summary>
    public ValueTask<RecordedEvent?> Find(Guid id, CancellationToken cancellationToken = default) =>
        Reader.Find(id, cancellationToken);

    /// <summary>Counts the events that match a filter.</summary>
    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken = default) =>
        Reader.Count(Types.WithFormerNames(filter), cancellationToken);

    /// <summary>Returns the version and state of a stream; null if the stream never existed.</summary>
    public async ValueTask<StreamInfo?> GetStream(StreamId stream, CancellationToken cancellationToken = default)
    {
        var head = await Storage.Log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        return head.Version == 0 ? null : new StreamInfo(stream, head.Version, head.FirstVersion, head.State);
    }

    /// <summary>Lists the streams whose names start with a prefix, in ordinal order, in pages.</summary>
    public IAsyncEnumerable<StreamInfo> ListStreams(
        string prefix = "", CancellationToken cancellationToken = default) =>
        Reader.ListStreams(prefix, cancellationToken);

    /// <summary>Returns the owner of a unique value; null if the value has no owner.</summary>
    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken = default) =>
        _gateway.FindClaim(Storage.Log, scope, value, cancellationToken);

    /// <summary>Passes every event that matches a filter to a handler, one after the other, oldest first.</summary>
    /// <param name="filter">Selects the events.</param>
    /// <param name="handler">The handler of each event. An exception from the handler ends the replay.</param>
    /// <param name="options">The range of positions, and a receiver of progress; null for the whole log.</param>
    /// <param name="cancellationToken">Ends the replay between two events.</param>
    public Task<ReplayResult> Replay(
        EventFilter filter,
        Func<RecordedEvent, CancellationToken, ValueTask> handler,
        ReplayOptions? options = null,
        CancellationToken cancellationToken = default) =>
        new Replay(this, filter, handler, options ?? new ReplayOptions()).Run(cancellationToken);

    /// <summary>
    /// Deletes a stream. The stream is then empty for readers, but its events remain in the log. A later append starts
    /// the stream again with the next version.
    /// </summary>
    /// <exception cref="StreamNotFoundException">The stream does not exist.</exception>
    /// <exception cref="VersionConflictException">The stream has another version.</exception>
    public Task Delete(
        StreamId stream, ExpectedVersion expected, string reason, string? by = null,
        CancellationToken cancellationToken = default) =>
        Remove(new StreamRemoval(stream, RemovalKind.Delete, 0, expected, reason, by), cancellationToken);

    /// <summary>
    /// Removes the events before a version from the log permanently. The last event of a stream is never removed. If
    /// there is no event to remove, the store records no removal.
    /// </summary>
    /// <exception cref="LimitExceededException">The version is beyond the stream's last event.</exception>
    /// <inheritdoc cref="Delete"/>
    public Task Truncate(
        StreamId stream, long before, string reason, string? by = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(before, 1);
        return Remove(
            new StreamRemoval(stream, RemovalKind.Truncate, before, ExpectedVersion.StreamExists, reason, by),
            cancellationToken);
    }

    /// <summary>Closes a stream permanently. Removes all its events but the last. This cannot be undone.</summary>
    /// <inheritdoc cref="Delete"/>
    public Task Tombstone(
        StreamId stream, ExpectedVersion expected, string reason, string? by = null,
        CancellationToken cancellationToken = default) =>
        Remove(new StreamRemoval(stream, RemovalKind.Tombstone, 0, expected, reason, by), cancellationToken);

    /// <summary>Returns the recorded removals of one stream or of all streams, oldest first.</summary>
    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream = null, CancellationToken cancellationToken = default) =>
        Storage.Log.ListRemovals(stream, cancellationToken);

    /// <summary>Returns information about the store, such as its size and the number of its events.</summary>
    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken = default) =>
        Storage.Maintenance.GetInfo(cancellationToken);

    /// <summary>Writes a consistent copy of the store while it is in use.</summary>
    /// <param name="destination">The destination. An existing file is never overwritten.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the backup and removes the unfinished copy.</param>
    /// <exception cref="StorageException">The destination cannot be written, or the storage does
    /// not support backups.</exception>
    public ValueTask Backup(
        string destination,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        return Storage.Maintenance.Backup(destination, progress, cancellationToken);
    }

    /// <summary>Reads the whole store once and verifies its integrity.</summary>
    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Storage.Maintenance.Verify(progress, cancellationToken);

    /// <summary>Returns a token for the end of the log. A query with this token reflects all current events.</summary>
    public ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken = default) =>
        _isOpen ? Tokens.Current(cancellationToken) : throw NotOpen();

    /// <summary>Gets or sets whether the host closes the store. Disposal by a DI scope then has no effect.</summary>
    internal bool IsHostOwned { get; set; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => IsHostOwned ? ValueTask.CompletedTask : Close();

    internal async ValueTask Close()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_isStarted)
        {
            if (!_gateway.IsShared)
                await _queue.DisposeAsync().ConfigureAwait(false);
            await _closing.CancelAsync().ConfigureAwait(false);
            await _logWatcher.Ended.ConfigureAwait(false);
            await _moveWatcher.Ended.ConfigureAwait(false);
        }
        await _storage.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <summary>Creates a store. Its methods throw exceptions until <see cref="Start"/> has returned.</summary>
    internal static EventStore Create(
        IStorage storage, EventTypeMap types, StoreOptions options, StoreServices services)
    {
        var copy = options.Copy();
        return copy.Problems().ToArray() is { Length: > 0 } problems
            ? throw new ArgumentException(string.Join(" ", problems), nameof(options))
            : new EventStore(storage, types, copy, services);
    }

    /// <summary>Opens the storage and starts to accept requests. Called once.</summary>
    internal async Task Start(CancellationToken cancellationToken)
    {
        await _storage.Open(cancellationToken).ConfigureAwait(false);
        Tail.SetHead(await _storage.Log.GetHead(cancellationToken).ConfigureAwait(false));
        if (!_gateway.IsShared && !_isStarted)
            _queue.Start();
        _isStarted = true;
        if (!Tokens.IsSharded) // The stores of the shards do this.
        {
            await _protection.Run(cancellationToken).ConfigureAwait(false);
            _logWatcher.Start(_closing.Token);
            _moveWatcher.Start(_closing.Token);
        }
        _isOpen = true;
    }

    /// <summary>Appends events, and returns the outcome even if the store refuses the request.</summary>
    internal Task<CommitOutcome> TryAppend(AppendRequest request, CancellationToken cancellationToken) =>
        TryCommit(_encoder.Encode(request), isBackground: false, cancellationToken);

    /// <summary>Gets the queue of all requests that write to the log.</summary>
    internal CommitQueue Queue => _queue;

    /// <summary>Commits a request, and returns the outcome even if the store refuses the request.</summary>
    internal Task<CommitOutcome> TryCommit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        !_isOpen ? throw NotOpen()
        : Hook is { } hook && hook.Concerns(request)
            ? hook.Commit(
                request, (extended, cancel) => _gateway.Commit(extended, isBackground, cancel), cancellationToken)
            : _gateway.Commit(request, isBackground, cancellationToken);

    /// <summary>Commits requests that are submitted together. Each request has its own outcome.</summary>
    internal Task<CommitResponse[]> TryCommitAll(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken) =>
        _isOpen ? _groupCommitter.Commit(requests, cancellationToken) : throw NotOpen();

    /// <summary>Commits a request. Throws an exception if the store refuses the request.</summary>
    internal async Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        var outcome = await TryCommit(request, isBackground, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal is null ? outcome : throw outcome.Refusal;
    }

    /// <summary>Encodes a request and checks the limits. The caller commits the result.</summary>
    internal CommitRequest Encode(AppendRequest request) => _encoder.Encode(request);

    internal AppendResult ResultOf(CommitOutcome outcome) => new(
        outcome.Placements.Count == 0 ? 0 : outcome.Placements[0].LastVersion,
        outcome.Position,
        Tokens.Of(outcome),
        outcome.Result != CommitResult.Committed);

    private static InvalidOperationException NotOpen() =>
        new(
            "The event store is not open yet. In an application, the host opens the store at startup. Elsewhere, use "
                + "EventStore.Open.");

    private Task<CommitOutcome> Remove(StreamRemoval removal, CancellationToken cancellationToken) =>
        Commit(new CommitRequest { Removals = [ReservedStreams.Checked(removal)] }, false, cancellationToken);
}
