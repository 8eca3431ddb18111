using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Storage;

namespace Millrace;

/// <summary>The event store: appends to streams, and reads them and the log of them all. Safe to use from several
/// threads.</summary>
/// <remarks>
/// An append that has returned is durable and in every later read. Versions in a stream and positions in the log count
/// 1, 2, 3 … without gaps.
/// Disposing takes nothing new, commits what is queued within <see cref="StoreOptions.DrainTimeout"/>, and closes the
/// storage.
/// </remarks>
public sealed class EventStore : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly CommitQueue _queue;
    private readonly AppendEncoder _encoder;
    private readonly LogWatcher _watcher;
    private readonly MoveWatcher _moves;
    private readonly IStorage _storage;
    private readonly ISharedCommitQueue? _sharedQueue;
    private readonly LogReader _reader;
    private volatile bool _isOpen;
    private bool _isDisposed;

    private EventStore(IStorage storage, EventTypeMap types, StoreOptions options, StoreServices services)
    {
        (_storage, _sharedQueue) = (storage, storage as ISharedCommitQueue);
        Options = options;
        Time = services.Time;
        Serializer = new EventSerializer(types, options.Limits, options.EventFormat);
        Tail = new LogTail(options.TailEvents) { Decoder = Serializer };
        ReadModels = new ReadModelCatalog(() => Storage.Documents);
        _reader = new LogReader(storage.Log, Serializer, options.PageEvents);
        var metrics = new StoreMetrics(services.Meters);
        var writer = new CommitWriter(
            storage.Log,
            Tail,
            Time,
            metrics,
            new InDoubtResolver(storage.Log, Time),
            services.Loggers.CreateLogger<CommitWriter>());
        _queue = new CommitQueue(writer, options, Time, metrics, storage.Log.CommitsOnCallingThread);
        _encoder = new AppendEncoder(Serializer, options, Time);
        _watcher = new LogWatcher(storage.Log, Tail, Time, services.Loggers.CreateLogger<LogWatcher>());
        _moves = new MoveWatcher(storage, Time, services.Loggers.CreateLogger<MoveWatcher>());
    }

    /// <summary>What the events are kept in, for people.</summary>
    public string Description => _storage.Description;

    /// <summary>The event types this store reads and writes as objects.</summary>
    public EventTypeMap Types => Serializer.Types;

    /// <summary>The storage; refused before the store is open.</summary>
    internal IStorage Storage => _isOpen ? _storage : throw NotOpen();

    internal StoreOptions Options { get; }

    internal TimeProvider Time { get; }

    internal EventSerializer Serializer { get; }

    internal LogTail Tail { get; }

    internal ReadModelCatalog ReadModels { get; }

    /// <summary>Adds to what is committed; null when nothing does.</summary>
    internal ICommitHook? Hook { get; set; }

    internal LogReader Reader => _isOpen ? _reader : throw NotOpen();

    /// <summary>Opens a store on a storage, which it owns from then on. In an application <c>AddMillrace</c> does
    /// this.</summary>
    /// <param name="storage">Where the events are kept.</param>
    /// <param name="types">The event types; <see cref="EventTypeMap.Empty"/> reads all events as bytes.</param>
    /// <param name="options">How the store behaves; null for the defaults.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="meters">Where to make instruments; null for a meter of its own.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="ArgumentException">An option is out of its range; all that are, are named.</exception>
    /// <exception cref="StorageException">The storage cannot be used; says why.</exception>
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
        await store.Start(cancellationToken).ConfigureAwait(false);
        return store;
    }

    /// <summary>Appends events to one stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The version it must have.</param>
    /// <param name="events">Event objects of registered types, or <see cref="NewEvent"/>; at least one.</param>
    /// <param name="cancellationToken">Gives up until the commit begins; from then on the outcome is awaited.</param>
    /// <exception cref="VersionConflictException">The stream has another version.</exception>
    /// <exception cref="StreamDeletedException">The stream was closed by a tombstone.</exception>
    /// <exception cref="EventIdConflictException">Some of the events stand there already, but not all or
    /// elsewhere.</exception>
    /// <exception cref="EventTypeNotFoundException">An object is not of a registered type.</exception>
    /// <exception cref="CannotSerializeException">An event cannot be written.</exception>
    /// <exception cref="InvalidNameException">A name, a tag or a text in the metadata cannot be stored as it
    /// is.</exception>
    /// <exception cref="LimitExceededException">An event or the append is too large.</exception>
    /// <exception cref="StoreBusyException">The queue stayed full.</exception>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<AppendResult> Append(
        StreamId stream,
        ExpectedVersion expected,
        IReadOnlyCollection<object> events,
        CancellationToken cancellationToken = default
    ) => Append(new AppendRequest().To(stream, expected, events), cancellationToken);

    /// <summary>Appends events to one or several streams, with conditions and claims, all or nothing.</summary>
    /// <inheritdoc cref="Append(StreamId, ExpectedVersion, IReadOnlyCollection{object}, CancellationToken)"/>
    /// <exception cref="ConditionFailedException">An event excluded by a condition was appended.</exception>
    /// <exception cref="ClaimTakenException">A unique value is taken.</exception>
    /// <exception cref="RecordedTimeException">The time to be kept lies before the log's last one, or in the
    /// future.</exception>
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

    /// <summary>Reads a stream from a version on, oldest first, in pages; ends at the stream's end.</summary>
    /// <remarks>A stream that does not exist or was deleted has no events. Ask <see cref="GetStream"/> to tell
    /// which.</remarks>
    public IAsyncEnumerable<RecordedEvent> ReadStream(
        StreamId stream, long fromVersion = 1, CancellationToken cancellationToken = default) =>
        Reader.ReadStream(stream, fromVersion, isBackwards: false, cancellationToken);

    /// <summary>Reads a stream from a version (by default its end) towards its beginning, newest first, in
    /// pages.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadStreamBackwards(
        StreamId stream, long fromVersion = long.MaxValue, CancellationToken cancellationToken = default) =>
        Reader.ReadStream(stream, fromVersion, isBackwards: true, cancellationToken);

    /// <summary>Reads the events that match after a position, in the order of the log, in pages; ends at the log's
    /// end.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadLog(
        EventFilter filter, long after = 0, CancellationToken cancellationToken = default) =>
        Reader.ReadLog(Wide(filter), after == long.MaxValue ? after : after + 1, isBackwards: false, cancellationToken);

    /// <summary>Reads the events that match from a position (by default the end) towards the beginning, newest first,
    /// in pages.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadLogBackwards(
        EventFilter filter, long from = long.MaxValue, CancellationToken cancellationToken = default) =>
        Reader.ReadLog(Wide(filter), from, isBackwards: true, cancellationToken);

    /// <summary>Reads one page of the log.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not from 1 to 10,000.</exception>
    public ValueTask<EventPage> ReadPage(LogPageQuery query, CancellationToken cancellationToken = default)
        => Reader.ReadPage(query with { Filter = Wide(query.Filter) }, cancellationToken);

    /// <summary>Reads one page of a stream.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not from 1 to 10,000.</exception>
    public ValueTask<EventPage> ReadPage(StreamPageQuery query, CancellationToken cancellationToken = default)
        => Reader.ReadPage(query, cancellationToken);

    /// <summary>Finds an event by its id, or returns null.</summary>
    public ValueTask<RecordedEvent?> Find(Guid id, CancellationToken cancellationToken = default) =>
        Reader.Find(id, cancellationToken);

    /// <summary>Counts the events that match.</summary>
    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken = default)
    {
        return Storage.Log.Count(Wide(filter), cancellationToken);
    }

    /// <summary>A stream as it stands, or null when it never existed.</summary>
    public async ValueTask<StreamInfo?> GetStream(StreamId stream, CancellationToken cancellationToken = default)
    {
        var head = await Storage.Log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        return head.Version == 0 ? null : new StreamInfo(stream, head.Version, head.FirstVersion, head.State);
    }

    /// <summary>Lists the streams whose names begin with a prefix, in ordinal order, in pages.</summary>
    public IAsyncEnumerable<StreamInfo> ListStreams(
        string prefix = "",
        CancellationToken cancellationToken = default) => Reader.ListStreams(prefix, cancellationToken);

    /// <summary>Who holds a unique value, or null.</summary>
    public ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken = default) =>
        Storage.Log.FindClaim(scope, value, cancellationToken);

    /// <summary>Hands every event that matches to a handler, one after the other, oldest first.</summary>
    /// <param name="filter">Which events.</param>
    /// <param name="handler">Called for each; what it throws ends the replay.</param>
    /// <param name="options">From where to where, and whom to tell how far it is; null for all.</param>
    /// <param name="cancellationToken">Ends the replay between two events.</param>
    public Task<ReplayResult> Replay(
        EventFilter filter,
        Func<RecordedEvent, CancellationToken, ValueTask> handler,
        ReplayOptions? options = null,
        CancellationToken cancellationToken = default) =>
        new Replay(this, filter, handler, options ?? new ReplayOptions()).Run(cancellationToken);

    /// <summary>
    /// Deletes a stream: it reads as not there, and an append begins it again with the next version. Its events stay in
    /// the log.
    /// </summary>
    /// <exception cref="StreamNotFoundException">It does not exist.</exception>
    /// <exception cref="VersionConflictException">It has another version.</exception>
    public Task Delete(
        StreamId stream,
        ExpectedVersion expected,
        string reason,
        string? by = null,
        CancellationToken cancellationToken = default
    ) => Remove(new StreamRemoval(stream, RemovalKind.Delete, 0, expected, reason, by), cancellationToken);

    /// <summary>
    /// Takes the events before a version out of the log for ever. The last event of a stream always stays. Where there
    /// is nothing to take out, nothing is done and nothing recorded.
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

    /// <summary>Closes a stream for ever and takes all its events but the last out of the log. There is no way
    /// back.</summary>
    /// <inheritdoc cref="Delete"/>
    public Task Tombstone(
        StreamId stream,
        ExpectedVersion expected,
        string reason,
        string? by = null,
        CancellationToken cancellationToken = default
    ) => Remove(new StreamRemoval(stream, RemovalKind.Tombstone, 0, expected, reason, by), cancellationToken);

    /// <summary>The removals recorded, oldest first: of one stream, or of all.</summary>
    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream = null,
        CancellationToken cancellationToken = default) => Storage.Log.ListRemovals(stream, cancellationToken);

    /// <summary>What the store holds.</summary>
    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken = default) =>
        Storage.Maintenance.GetInfo(cancellationToken);

    /// <summary>Writes a consistent copy while the store is used.</summary>
    /// <param name="destination">Where to; what stands there already is never overwritten.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellationToken">Gives up and removes the unfinished copy.</param>
    /// <exception cref="StorageException">It cannot be written there, or the storage knows no backup.</exception>
    public ValueTask Backup(
        string destination,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        return Storage.Maintenance.Backup(destination, progress, cancellationToken);
    }

    /// <summary>Checks every promise on the whole store, reading all of it once.</summary>
    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default) => Storage.Maintenance.Verify(progress, cancellationToken);

    /// <summary>The end of the log as a token: what a query is to see that must see everything up to now.</summary>
    public async ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken = default)
    {
        var head = await Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        Tail.Noticed(head);
        return new ConsistencyToken(head.Epoch, head.Position);
    }

    /// <summary>Whether scopes hand it out that are not to close it; whoever runs it does.</summary>
    internal bool IsHandedOut { get; set; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => IsHandedOut ? ValueTask.CompletedTask : Close();

    internal async ValueTask Close()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_isOpen)
        {
            if (_sharedQueue is null)
                await _queue.DisposeAsync().ConfigureAwait(false);
            await _closing.CancelAsync().ConfigureAwait(false);
            await _watcher.Ended.ConfigureAwait(false);
            await _moves.Ended.ConfigureAwait(false);
        }
        await _storage.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <summary>Makes a store that is not open yet: until <see cref="Start"/> has returned, every call is
    /// refused.</summary>
    internal static EventStore Create(
        IStorage storage, EventTypeMap types, StoreOptions options, StoreServices services)
    {
        var copy = options.Copy();
        if (copy.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        return new EventStore(storage, types, copy, services);
    }

    /// <summary>Opens the storage and begins to take requests. Called once.</summary>
    internal async Task Start(CancellationToken cancellationToken)
    {
        await _storage.Open(cancellationToken).ConfigureAwait(false);
        Tail.Noticed(await _storage.Log.GetHead(cancellationToken).ConfigureAwait(false));
        if (_sharedQueue is null)
            _queue.Start();
        _watcher.Start(_closing.Token);
        _moves.Start(_closing.Token);
        _isOpen = true;
    }

    /// <summary>Appends, and returns the outcome; a refusal is an outcome, not an exception.</summary>
    internal Task<CommitOutcome> TryAppend(AppendRequest request, CancellationToken cancellationToken) =>
        TryCommit(_encoder.Encode(request), isBackground: false, cancellationToken);

    /// <summary>Whether nothing waits for being committed.</summary>
    internal bool IsIdle => _queue.IsIdle;

    /// <summary>Commits a request and returns its outcome; a refusal is an outcome, not an exception.</summary>
    internal Task<CommitOutcome> TryCommit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        !_isOpen ? throw NotOpen()
        : Hook is { } hook && hook.Concerns(request)
            ? hook.Commit(request, (whole, cancel) => Enqueue(whole, isBackground, cancel), cancellationToken)
            : Enqueue(request, isBackground, cancellationToken);

    /// <summary>
    /// Commits requests that are handed over together, each by itself: what becomes of one concerns no other. Giving up
    /// leaves open what becomes of them.
    /// </summary>
    internal async Task<CommitResponse[]> TryCommitAll(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken)
    {
        if (!_isOpen)
            throw NotOpen();
        var isPlain = _sharedQueue is null;
        for (var i = 0; i < requests.Count && isPlain; i++)
            isPlain = Hook?.Concerns(requests[i]) != true;
        return isPlain
            ? await _queue.CommitAll(requests, isBackground: false, cancellationToken).ConfigureAwait(false)
            : await Task.WhenAll(requests.Select(request => Answer(request, cancellationToken))).ConfigureAwait(false);
    }

    private async Task<CommitResponse> Answer(CommitRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return new CommitResponse(
                await TryCommit(request, isBackground: false, cancellationToken).ConfigureAwait(false), null);
        }
#pragma warning disable CA1031 // Told to whoever asked, as what became of this one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new CommitResponse(null, exception);
        }
    }

    /// <summary>Commits in this store's own queue, or in that of the store whose log it shares.</summary>
    private Task<CommitOutcome> Enqueue(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        _sharedQueue is null
            ? _queue.Commit(request, isBackground, cancellationToken)
            : _sharedQueue.Commit(request, isBackground, cancellationToken);

    /// <summary>Commits a request; a refusal is thrown.</summary>
    internal async Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        var outcome = await TryCommit(request, isBackground, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal is null ? outcome : throw outcome.Refusal;
    }

    /// <summary>Encodes a request within the limits, for callers that commit it themselves.</summary>
    internal CommitRequest Encode(AppendRequest request) => _encoder.Encode(request);

    internal ConsistencyToken TokenAt(long position) => new(Tail.Head.Epoch, position);

    internal AppendResult ResultOf(CommitOutcome outcome) => new(
        outcome.Placements.Count == 0 ? 0 : outcome.Placements[0].LastVersion,
        outcome.Position,
        TokenAt(outcome.Position),
        outcome.Result != CommitResult.Committed);

    private static InvalidOperationException NotOpen() =>
        new(
            "The event store is not open yet. In an application the host opens it when it starts; elsewhere use "
                + "EventStore.Open."
        );

    /// <summary>Who asks for a type by the name it has now means those events too that were stored under a former
    /// one.</summary>
    private EventFilter Wide(EventFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Types.WithFormerNames(filter);
    }

    private Task<CommitOutcome> Remove(StreamRemoval removal, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(removal.Reason);
        if (removal.Expected.IsDefault)
            throw new ArgumentException(
                "No expected version was given: choose Any, NoStream, StreamExists or Exactly.", nameof(removal));
        return Commit(new CommitRequest { Removals = [removal] }, isBackground: false, cancellationToken);
    }
}
