using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What a command's handler works with: it loads aggregates, whose events are appended together when the handler
/// returns.
/// </summary>
/// <remarks>
/// Of each aggregate that raised events the version it was loaded at is expected; one that was only read is not checked
/// at the append (use <see cref="OnlyIf"/> where a decision rests on it). Not safe to use from several threads. After
/// the handler has returned it refuses everything with <see cref="CommandFinishedException"/>.
/// </remarks>
public sealed class CommandContext
{
    private readonly AggregateRepository _repository;
    private readonly bool _usesCache;
    private readonly List<LoadedStream> _loaded = new(1);
    private AppendRequest? _extra;
    private readonly CommandEnlistment? _enlistment;
    private volatile bool _isDone;

    internal CommandContext(
        AggregateRepository repository,
        IServiceProvider services,
        Guid commandId,
        string command,
        SendOptions? options,
        bool usesHot)
    {
        (_repository, Services, CommandId, _usesCache) = (repository, services, commandId, usesHot);
        CorrelationId = options?.CorrelationId ?? commandId;
        CausationId = options?.CausationId ?? commandId;
        Metadata = MetadataOf(command, options);
        _enlistment = options?.Enlistment;
    }

    /// <summary>The services of the scope that the command is sent in.</summary>
    public IServiceProvider Services { get; }

    /// <summary>
    /// The command's own id: the same for every retry. Of a command that a process or a timer sends it is the same
    /// after a crash as well, and of one with an idempotency key in each repetition of the same contents: give it to
    /// services outside as their idempotency key.
    /// </summary>
    public Guid CommandId { get; }

    /// <summary>What is noted on the command's events; the sender's words at first, and the name of the
    /// command.</summary>
    public EventMetadata? Metadata { get; set; }

    /// <summary>The conversation that the command belongs to; noted on its events.</summary>
    public Guid CorrelationId { get; }

    /// <summary>The message that caused the command's events: what its sender named, else the command itself.</summary>
    public Guid CausationId { get; }

    internal IReadOnlyList<LoadedStream> Loaded => _loaded;

    /// <summary>Loads an aggregate that must exist. Loading it again in the same command gives the same
    /// object.</summary>
    /// <exception cref="AggregateNotFoundException">It does not.</exception>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or is of an unknown
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

    /// <summary>Loads an aggregate, or makes one without events when it does not exist.</summary>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or is of an unknown
    /// type.</exception>
    public async ValueTask<TAggregate> LoadOrNew<TAggregate, TId>(TId id, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        if (_isDone)
            throw TooLate("loaded", typeof(TAggregate));
        var definition = _repository.DefinitionOf<TAggregate, TId>();
        var stream = await KeyStreamResolver
            .Find(_repository.Store, definition.Category, id, cancellationToken)
            .ConfigureAwait(false);
        return FindLoaded(stream) is { } before
            ? (TAggregate)before.State
            : await LoadAggregate(definition, id, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes an aggregate that must not exist yet; when it does, the command fails with
    /// <see cref="AggregateExistsException"/> at its end.
    /// </summary>
    /// <exception cref="AggregateExistsException">This command has loaded it.</exception>
    public async ValueTask<TAggregate> New<TAggregate, TId>(TId id, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isDone)
            throw TooLate("began", typeof(TAggregate));
        var definition = _repository.DefinitionOf<TAggregate, TId>();
        var stream = await KeyStreamResolver
            .Find(_repository.Store, definition.Category, id, cancellationToken)
            .ConfigureAwait(false);
        if (FindLoaded(stream) is not null)
            throw new AggregateExistsException(typeof(TAggregate).Name, stream);
        var aggregate = definition.Create(id);
        _loaded.Add(new LoadedAggregate(stream, definition, aggregate, LoadedFrom.Nothing) { IsHeld = false });
        return aggregate;
    }

    /// <summary>Decides on the state of a decider's stream; what is decided is appended together with everything
    /// else.</summary>
    /// <param name="decider">What the state is made of.</param>
    /// <param name="id">The stream's id within the decider's category; the stream need not exist.</param>
    /// <param name="decide">From the state to events; none when there is nothing to do.</param>
    /// <param name="cancellationToken">Gives up loading.</param>
    /// <returns>The state with what was decided.</returns>
    /// <exception cref="CannotDeserializeException">One of the stream's events cannot be read, or is of an unknown
    /// type.</exception>
    public async ValueTask<TState> Decide<TState, TId>(
        Decider<TState> decider, TId id, Func<TState, IEnumerable<object>> decide, CancellationToken cancellationToken)
        where TState : notnull
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(decider);
        ArgumentNullException.ThrowIfNull(decide);
        if (_isDone)
            throw TooLate("decided on", typeof(TState));
        var stream = await KeyStreamResolver
            .Find(_repository.Store, decider.Category, id, cancellationToken)
            .ConfigureAwait(false);
        var decided = await LoadDecided(decider, stream, cancellationToken).ConfigureAwait(false);
        decided.Decide(decide);
        return decided.State;
    }

    /// <summary>Takes or releases a unique value together with the command's events.</summary>
    public CommandContext Claim(Claim claim)
    {
        Extra.With(claim);
        return this;
    }

    /// <summary>Makes the command conditional on that no event of a kind was appended; when one was, it is handled
    /// again.</summary>
    public CommandContext OnlyIf(AppendCondition condition)
    {
        Extra.OnlyIf(condition);
        return this;
    }

    /// <summary>Appends events to a stream together with those of the aggregates.</summary>
    public CommandContext Append(StreamId stream, ExpectedVersion expected, params IReadOnlyCollection<object> events)
    {
        Extra.To(stream, expected, events);
        return this;
    }

    /// <summary>
    /// Runs SQL of your own in the transaction of the command's events. Such commands are committed apart from others,
    /// so they are slower.
    /// </summary>
    /// <remarks>
    /// Several commands with SQL may share the transaction: leave behind no settings, locks or temporary tables that
    /// are meant to end with it. A storage without SQL, as the one in memory, refuses it
    /// (<see cref="StorageProblem.Statement"/>).
    /// </remarks>
    /// <param name="sql">A statement in the database's own SQL, with <c>?</c> or <c>@name</c> parameters.</param>
    /// <param name="parameters">Their values, in order.</param>
    public CommandContext Statement(string sql, params IReadOnlyList<object?> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentNullException.ThrowIfNull(parameters);
        Extra.With(new SqlStatement(sql, parameters));
        return this;
    }

    /// <summary>Builds what is to be written; null when there is nothing.</summary>
    internal async ValueTask<AppendRequest?> Build(CancellationToken cancellationToken)
    {
        var request = _extra;
        foreach (var loaded in _loaded)
        {
            if (loaded.Raised.Count == 0)
                continue;
            request ??= NewRequest();
            request.To(loaded.Stream, ExpectedVersion.AsRead(loaded.Version), loaded.Raised);
            if (await loaded.TakeSnapshot(_repository, cancellationToken).ConfigureAwait(false) is { } snapshot)
                request.With(snapshot);
        }
        if (_enlistment is { } companion)
            companion.Add(request ??= NewRequest());
        return request;
    }

    /// <summary>Writes or removes a document together with the command's events.</summary>
    internal void Write(DocumentChange document) => Extra.With(document);

    /// <summary>Whether a refusal is about what is committed with the command, and not about the command.</summary>
    internal bool IsFromEnlistment(MillraceException refusal) => _enlistment is { } companion && refusal switch
    {
        VersionConflictException conflict => conflict.Stream == companion.Stream,
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

    /// <summary>Tells whether state from memory, that no append has checked, lags behind the store.</summary>
    /// <param name="isAppendChecked">True when streams with raised events are checked by the append itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
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

    /// <summary>Notes that the command is done, so that its states are as the store has them.</summary>
    internal void Finished(AppendRequest? request, CommitOutcome? outcome)
    {
        foreach (var loaded in _loaded)
            loaded.IsGood = (loaded.Raised.Count == 0 || loaded.TryCommit(request, outcome)) && loaded.Version > 0;
    }

    /// <summary>Refuses everything from here on: the handler has returned, and what it did is taken as it
    /// stands.</summary>
    internal void Close()
    {
        _isDone = true;
        foreach (var loaded in _loaded)
            loaded.Close(_repository.ClosedCommandGuard);
    }

    /// <summary>Leaves the streams to other commands, with their states where these are good.</summary>
    internal void Leave()
    {
        Close();
        foreach (var loaded in _loaded)
        {
            if (loaded.IsHeld)
                _repository.Cache.Leave(loaded.Stream, loaded.IsGood ? loaded.State : null);
            else if (loaded.IsGood)
                _repository.Cache.Offer(loaded.Stream, loaded.State);
        }
        _loaded.Clear();
    }

    /// <summary>The aggregate that was to be new, when a conflict is about its stream.</summary>
    internal LoadedStream? FindNew(StreamId stream) =>
        FindLoaded(stream) is { From: LoadedFrom.Nothing } found ? found : null;

    private AppendRequest Extra => _isDone
        ? throw _repository.ClosedCommandGuard.Refuse("A handler wrote to its context")
        : _extra ??= NewRequest();

    private CommandFinishedException TooLate(string what, Type state) =>
        _repository.ClosedCommandGuard.Refuse($"A handler {what} {state.Name}");

    private static EventMetadata MetadataOf(string command, SendOptions? options)
    {
        var metadata = options?.Metadata ?? EventMetadata.Empty;
        return metadata with
        {
            Command = metadata.Command ?? command,
            UserId = metadata.UserId ?? options?.User?.FindFirst("sub")?.Value,
        };
    }

    private async ValueTask<TAggregate> LoadAggregate<TAggregate, TId>(
        AggregateDefinition<TAggregate, TId> definition, TId id, StreamId stream, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var turn = await Enter(stream, cancellationToken).ConfigureAwait(false);
        try
        {
            var hot = _usesCache ? turn.State as TAggregate : null;
            var aggregate =
                hot ?? await _repository.Replay(definition, id, stream, cancellationToken).ConfigureAwait(false);
            var from = hot is null ? LoadedFrom.Store : LoadedFrom.Memory;
            if (_isDone) // While it was loaded.
                throw TooLate("loaded", typeof(TAggregate));
            aggregate.Open();
            _loaded.Add(new LoadedAggregate(stream, definition, aggregate, from) { IsHeld = turn.IsHeld });
            return aggregate;
        }
        catch
        {
            ReleaseUnloaded(stream, turn);
            throw;
        }
    }

    private async ValueTask<DecidedStream<TState>> LoadDecided<TState>(
        Decider<TState> decider, StreamId stream, CancellationToken cancellationToken)
        where TState : notnull
    {
        if (FindLoaded(stream) is { } before)
            return (DecidedStream<TState>)before.State;
        var turn = await Enter(stream, cancellationToken).ConfigureAwait(false);
        try
        {
            var hot = _usesCache ? turn.State as DecidedStream<TState> : null;
            var decided =
                hot
                ?? await DeciderStoreExtensions
                    .Load(_repository.Store, decider, stream, cancellationToken)
                    .ConfigureAwait(false);
            var from = hot is null ? LoadedFrom.Store : LoadedFrom.Memory;
            if (_isDone) // While it was loaded.
                throw TooLate("decided on", typeof(TState));
            _loaded.Add(new LoadedDecider<TState>(stream, decided, from) { IsHeld = turn.IsHeld });
            return decided;
        }
        catch
        {
            ReleaseUnloaded(stream, turn);
            throw;
        }
    }

    private ValueTask<AggregateCacheEntry> Enter(StreamId stream, CancellationToken cancellationToken) =>
        _repository.Cache.Enter(stream, mayWait: _loaded.Count == 0, cancellationToken);

    private void ReleaseUnloaded(StreamId stream, AggregateCacheEntry turn)
    {
        if (turn.IsHeld)
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
