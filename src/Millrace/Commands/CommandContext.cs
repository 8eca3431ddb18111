using Millrace.Aggregates;
using Millrace.Commands;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>
/// The context of a command handler. The handler uses it to load aggregates. When the handler returns, the raised
/// events of all aggregates are appended together.
/// </summary>
/// <remarks>
/// The append expects that each aggregate with raised events still has the version at which it was loaded. The append
/// does not check aggregates without raised events. Call <see cref="OnlyIf"/> if a decision depends on them. This class
/// is not thread-safe. After the handler has returned, every call fails with <see cref="CommandFinishedException"/>.
/// </remarks>
public sealed class CommandContext
{
    private readonly AggregateRepository _repository;
    private readonly bool _usesCache;
    private readonly List<LoadedStream> _loaded = new(1);
    private AppendRequest? _contextRequest;
    private List<Action<AppendRequest>>? _lastWrites;
    private readonly CommandEnlistment? _enlistment;
    private volatile bool _isDone;

    internal CommandContext(
        AggregateRepository repository,
        IServiceProvider services,
        Guid commandId,
        string command,
        SendOptions? options,
        bool usesCache,
        string? user)
    {
        _repository = repository;
        Services = services;
        CommandId = commandId;
        _usesCache = usesCache;
        CorrelationId = options?.CorrelationId ?? commandId;
        CausationId = options?.CausationId ?? commandId;
        Metadata = MetadataOf(command, options, user);
        _enlistment = options?.Enlistment is { } one && one.IsIn(repository.Store) ? one : null;
    }

    /// <summary>Gets the services of the scope in which the command is sent.</summary>
    public IServiceProvider Services { get; }

    /// <summary>
    /// Gets the id of the command, which is the same for every retry. For a command of a process or a timer, the id is
    /// also the same after a crash. For a command with an idempotency key, the id is the same for every repetition with
    /// the same contents. Pass the id to external services as an idempotency key.
    /// </summary>
    public Guid CommandId { get; }

    /// <summary>
    /// Gets or sets the metadata of the command's events. The initial value contains the metadata of the sender and the
    /// name of the command.
    /// </summary>
    public EventMetadata? Metadata { get; set; }

    /// <summary>Gets the id of the command's conversation, which is recorded on its events.</summary>
    public Guid CorrelationId { get; }

    /// <summary>
    /// Gets the id of the message that caused the command's events. If the sender sets no causation id, this is the id
    /// of the command.
    /// </summary>
    public Guid CausationId { get; }

    internal IReadOnlyList<LoadedStream> Loaded => _loaded;

    /// <summary>
    /// Loads an aggregate that must exist. If the same command loads the aggregate again, the method returns the same
    /// object.
    /// </summary>
    /// <exception cref="AggregateNotFoundException">The aggregate does not exist.</exception>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or has an unknown
    /// type.</exception>
    public async ValueTask<TAggregate> Load<TAggregate, TId>(TId id, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var aggregate = await LoadOrNew<TAggregate, TId>(id, cancellationToken).ConfigureAwait(false);
        return aggregate.Version > 0
            ? aggregate
            : throw new AggregateNotFoundException(
                typeof(TAggregate).Name, _repository.DefinitionOf<TAggregate, TId>().StreamOf(id));
    }

    /// <summary>Loads an aggregate. If it does not exist, creates an aggregate without events.</summary>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or has an unknown
    /// type.</exception>
    public async ValueTask<TAggregate> LoadOrNew<TAggregate, TId>(TId id, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        if (_isDone)
            throw RefuseLateCall("loaded", typeof(TAggregate));
        var definition = _repository.DefinitionOf<TAggregate, TId>();
        var stream = await KeyStreamResolver
            .Find(_repository.Store, definition.Category, id, cancellationToken)
            .ConfigureAwait(false);
        return FindLoaded(stream) is { } loaded
            ? (TAggregate)loaded.State
            : await LoadAggregate(definition, id, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Creates an aggregate that must not exist yet. If it exists, the command fails with
    /// <see cref="AggregateExistsException"/> when it is committed.
    /// </summary>
    /// <exception cref="AggregateExistsException">This command has already loaded the aggregate.</exception>
    public async ValueTask<TAggregate> New<TAggregate, TId>(TId id, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isDone)
            throw RefuseLateCall("created", typeof(TAggregate));
        var definition = _repository.DefinitionOf<TAggregate, TId>();
        var stream = await KeyStreamResolver
            .Find(_repository.Store, definition.Category, id, cancellationToken)
            .ConfigureAwait(false);
        if (FindLoaded(stream) is not null)
            throw new AggregateExistsException(typeof(TAggregate).Name, stream);
        var aggregate = definition.Create(id);
        _loaded.Add(new LoadedAggregate(_repository, stream, definition, aggregate, LoadedFrom.Nothing));
        return aggregate;
    }

    /// <summary>
    /// Decides on the state of a decider's stream. The decided events are appended together with the command's other
    /// events.
    /// </summary>
    /// <param name="decider">Defines the state.</param>
    /// <param name="id">The id of the stream within the decider's category; the stream may not exist yet.</param>
    /// <param name="decide">Returns the events for a state; none if there is nothing to do.</param>
    /// <param name="cancellationToken">Cancels loading.</param>
    /// <returns>The state, including the decided events.</returns>
    /// <exception cref="CannotDeserializeException">An event of the stream cannot be read, or has an unknown
    /// type.</exception>
    public async ValueTask<TState> Decide<TState, TId>(
        Decider<TState> decider, TId id, Func<TState, IEnumerable<object>> decide, CancellationToken cancellationToken)
        where TState : notnull
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        ArgumentNullException.ThrowIfNull(decide);
        if (_isDone)
            throw RefuseLateCall("decided on", typeof(TState));
        var stream = await KeyStreamResolver
            .Find(_repository.Store, decider.Category, id, cancellationToken)
            .ConfigureAwait(false);
        var decided = await LoadDecided(decider, stream, cancellationToken).ConfigureAwait(false);
        decided.Decide(decide);
        return decided.State;
    }

    /// <summary>Claims or releases a unique value together with the command's events.</summary>
    public CommandContext Claim(Claim claim)
    {
        ContextRequest.With(claim);
        return this;
    }

    /// <summary>
    /// Adds a condition for the append of the command's events. If the log contains a matching event after the
    /// condition's position, the append is refused, and the command is handled again.
    /// </summary>
    public CommandContext OnlyIf(AppendCondition condition)
    {
        ContextRequest.OnlyIf(condition);
        return this;
    }

    /// <summary>Appends events to a stream, together with the events of the aggregates.</summary>
    public CommandContext Append(StreamId stream, ExpectedVersion expected, params IReadOnlyCollection<object> events)
    {
        ContextRequest.To(stream, expected, events);
        return this;
    }

    /// <summary>
    /// Runs an SQL statement of the application in the transaction of the command's events. Such commands are slower,
    /// because they are committed separately from other commands.
    /// </summary>
    /// <remarks>
    /// Several commands with SQL may share a transaction. So a statement must not depend on settings, locks or
    /// temporary tables that end with the transaction. A storage without SQL, such as the in-memory storage, refuses
    /// the command with <see cref="StorageProblem.Statement"/>.
    /// </remarks>
    /// <param name="sql">A statement in the SQL of the database, with <c>?</c> or <c>@name</c> parameters.</param>
    /// <param name="parameters">The parameter values, in order.</param>
    public CommandContext Statement(string sql, params IReadOnlyList<object?> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentNullException.ThrowIfNull(parameters);
        ContextRequest.With(new SqlStatement(sql, parameters));
        return this;
    }

    /// <summary>Builds the append request. Returns null if the command writes nothing.</summary>
    internal async ValueTask<AppendRequest?> Build(CancellationToken cancellationToken)
    {
        var request = _contextRequest;
        foreach (var loaded in _loaded)
        {
            if (loaded.Raised.Count == 0)
                continue;
            request ??= NewRequest();
            await loaded.AddTo(request, cancellationToken).ConfigureAwait(false);
        }
        foreach (var write in _lastWrites ?? [])
            write(request ??= NewRequest());
        if (_enlistment is { } enlistment)
            enlistment.Add(request ??= NewRequest());
        return request;
    }

    /// <summary>Writes or removes a document together with the command's events.</summary>
    internal void Write(DocumentChange document, string? shard = null) => ContextRequest.With(document, shard);

    /// <summary>Adds writes after the events of the aggregates, whose version the sender of the command gets.</summary>
    /// <exception cref="ArgumentException">The command belongs to another store.</exception>
    internal void WriteLast(EventStore store, Action<AppendRequest> write)
    {
        if (_isDone)
            throw _repository.ClosedCommandGuard.Refuse("A handler wrote to its context");
        if (!ReferenceEquals(store, _repository.Store))
            throw new ArgumentException(
                "The command belongs to another store or tenant. Take the processes from the services of the command.",
                nameof(store));
        (_lastWrites ??= []).Add(write);
    }

    /// <summary>Returns whether the enlisted writes, and not the command itself, caused a refusal.</summary>
    internal bool IsFromEnlistment(MillraceException refusal) => _enlistment is { } enlistment && refusal switch
    {
        VersionConflictException conflict => conflict.Stream == enlistment.Stream,
        DocumentConflictException => true,
        _ => false,
    };

    internal AppendRequest NewRequest() =>
        new()
        {
            Metadata = Metadata,
            CorrelationId = CorrelationId,
            CausationId = CausationId,
        };

    /// <summary>
    /// Returns whether a state from memory is older than the store. Skips streams whose versions the append checks.
    /// </summary>
    /// <param name="isAppendChecked">True if an append checks the versions of streams with raised events.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async ValueTask<bool> IsStale(bool isAppendChecked, CancellationToken cancellationToken)
    {
        foreach (var loaded in _loaded)
        {
            if (loaded.From != LoadedFrom.Memory || (isAppendChecked && loaded.Raised.Count > 0))
                continue;
            var head = await _repository
                .Store.Storage.Log.GetStream(loaded.Stream, cancellationToken)
                .ConfigureAwait(false);
            if (head.VisibleVersion != loaded.Version)
                return true;
        }
        return false;
    }

    /// <summary>Marks the states of the finished command that match the store.</summary>
    internal void Finished(AppendRequest? request, CommitOutcome? outcome)
    {
        foreach (var loaded in _loaded)
            loaded.IsCurrent = (loaded.Raised.Count == 0 || loaded.TryRecordCommit(request, outcome))
                && loaded.Version > 0;
    }

    /// <summary>Closes the context after the handler has returned. Later calls are refused.</summary>
    internal void Close()
    {
        _isDone = true;
        foreach (var loaded in _loaded)
            loaded.Close(_repository.ClosedCommandGuard);
    }

    /// <summary>Releases the streams to other commands, and caches the states that match the store.</summary>
    internal void ReleaseStreams()
    {
        Close();
        foreach (var loaded in _loaded)
        {
            if (loaded.IsHeld)
                _repository.Cache.Leave(loaded.Stream, loaded.IsCurrent ? loaded.State : null);
            else if (loaded.IsCurrent)
                _repository.Cache.Offer(loaded.Stream, loaded.State);
        }
        _loaded.Clear();
    }

    /// <summary>
    /// Returns the new aggregate of a stream; null if the command did not create an aggregate with this stream.
    /// </summary>
    internal LoadedStream? FindNew(StreamId stream) =>
        FindLoaded(stream) is { From: LoadedFrom.Nothing } found ? found : null;

    /// <summary>Gets the request to which the handler adds more than the events of its aggregates.</summary>
    private AppendRequest ContextRequest => _isDone
        ? throw _repository.ClosedCommandGuard.Refuse("A handler wrote to its context")
        : _contextRequest ??= NewRequest();

    private CommandFinishedException RefuseLateCall(string action, Type state) =>
        _repository.ClosedCommandGuard.Refuse($"A handler {action} {state.Name}");

    private static EventMetadata MetadataOf(string command, SendOptions? options, string? user)
    {
        var metadata = options?.Metadata ?? EventMetadata.Empty;
        return metadata with
        {
            Command = metadata.Command ?? command,
            UserId = metadata.UserId ?? user,
        };
    }

    private async ValueTask<TAggregate> LoadAggregate<TAggregate, TId>(
        AggregateDefinition<TAggregate, TId> definition, TId id, StreamId stream, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var entry = await Enter(stream, cancellationToken).ConfigureAwait(false);
        try
        {
            var cached = _usesCache ? entry.State as TAggregate : null;
            var aggregate =
                cached ?? await _repository.Replay(definition, id, stream, cancellationToken).ConfigureAwait(false);
            var from = cached is null ? LoadedFrom.Store : LoadedFrom.Memory;
            if (_isDone) // The handler returned while the aggregate was loaded.
                throw RefuseLateCall("loaded", typeof(TAggregate));
            aggregate.Open();
            _loaded.Add(
                new LoadedAggregate(_repository, stream, definition, aggregate, from) { IsHeld = entry.IsHeld });
            return aggregate;
        }
        catch
        {
            ReleaseUnloaded(stream, entry);
            throw;
        }
    }

    private async ValueTask<DecidedStream<TState>> LoadDecided<TState>(
        Decider<TState> decider, StreamId stream, CancellationToken cancellationToken)
        where TState : notnull
    {
        if (FindLoaded(stream) is { } loaded)
            return (DecidedStream<TState>)loaded.State;
        var entry = await Enter(stream, cancellationToken).ConfigureAwait(false);
        try
        {
            var cached = _usesCache ? entry.State as DecidedStream<TState> : null;
            var decided =
                cached
                ?? await DeciderStoreExtensions
                    .Load(_repository.Store, decider, stream, cancellationToken)
                    .ConfigureAwait(false);
            var from = cached is null ? LoadedFrom.Store : LoadedFrom.Memory;
            if (_isDone) // The handler returned while the stream was loaded.
                throw RefuseLateCall("decided on", typeof(TState));
            _loaded.Add(new LoadedDecider<TState>(stream, decided, from) { IsHeld = entry.IsHeld });
            return decided;
        }
        catch
        {
            ReleaseUnloaded(stream, entry);
            throw;
        }
    }

    private ValueTask<AggregateCacheEntry> Enter(StreamId stream, CancellationToken cancellationToken) =>
        _repository.Cache.Enter(stream, mayWait: _loaded.Count == 0, cancellationToken);

    private void ReleaseUnloaded(StreamId stream, AggregateCacheEntry entry)
    {
        if (entry.IsHeld)
            _repository.Cache.Leave(stream, null);
    }

    private LoadedStream? FindLoaded(StreamId stream)
    {
        foreach (var loaded in _loaded)
        {
            if (loaded.Stream == stream)
                return loaded;
        }
        return null;
    }
}
