using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Aggregates;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>
/// Loads aggregates from their streams, and saves the events that they raised. The repository is thread-safe, but the
/// aggregates are not.
/// </summary>
/// <remarks>
/// Command handlers do not need this class, because the bus loads and saves their aggregates. Every event in an
/// aggregate's stream must be readable as a registered type. Otherwise, loading fails with
/// <see cref="CannotDeserializeException"/>, because an aggregate that skips an event might decide wrongly.
/// </remarks>
public sealed class AggregateRepository
{
    private readonly FrozenDictionary<Type, AggregateDefinition> _definitions;
    private readonly SnapshotStore _snapshots;

    /// <summary>Creates a repository. In an application <c>AddMillrace</c> does this.</summary>
    /// <param name="store">The store of the streams.</param>
    /// <param name="definitions">The definitions of the aggregates.</param>
    public AggregateRepository(EventStore store, IEnumerable<AggregateDefinition> definitions)
        : this(store, definitions, cachedAggregates: 0, NullLogger.Instance)
    {
    }

    internal AggregateRepository(
        EventStore store, IEnumerable<AggregateDefinition> definitions, int cachedAggregates, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(definitions);
        Store = store;
        _definitions = definitions.ToFrozenDictionary(definition => definition.AggregateType);
        Cache = new AggregateCache(cachedAggregates, store.Time);
        _snapshots = new SnapshotStore(store, logger);
        ClosedCommandGuard = new ClosedCommandGuard(logger);
        if (cachedAggregates > 0)
            store.Stored.KeysDestroyed += Cache.Clear;
    }

    internal EventStore Store { get; }

    /// <summary>Loads an aggregate that must exist.</summary>
    /// <exception cref="AggregateNotFoundException">The aggregate does not exist.</exception>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or has an unknown
    /// type.</exception>
    public async ValueTask<TAggregate> Load<TAggregate, TId>(TId id, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var aggregate = await LoadOrNew<TAggregate, TId>(id, cancellationToken).ConfigureAwait(false);
        return aggregate.Version > 0
            ? aggregate
            : throw new AggregateNotFoundException(
                typeof(TAggregate).Name, DefinitionOf<TAggregate, TId>().StreamOf(id));
    }

    /// <summary>Loads an aggregate. If it does not exist, creates an aggregate without events.</summary>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or has an unknown
    /// type.</exception>
    public async ValueTask<TAggregate> LoadOrNew<TAggregate, TId>(TId id, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var definition = DefinitionOf<TAggregate, TId>();
        var stream = await KeyStreamResolver
            .Find(Store, definition.Category, id, cancellationToken)
            .ConfigureAwait(false);
        return await Replay(definition, id, stream, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Appends the events that an aggregate raised. The append fails if another client has appended to the stream after
    /// the aggregate was loaded. If the aggregate raised no events, the method does nothing.
    /// </summary>
    /// <returns>The result of the append; null if there were no events to append.</returns>
    /// <exception cref="VersionConflictException">Another client appended first. Load the aggregate again and repeat
    /// the decision.</exception>
    public async Task<AppendResult?> Save<TAggregate, TId>(
        TAggregate aggregate, CancellationToken cancellationToken = default)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(aggregate);
        if (aggregate.Raised.Count == 0)
            return null;
        var definition = DefinitionOf<TAggregate, TId>();
        var stream = await KeyStreamResolver
            .Find(Store, definition.Category, aggregate.Id, cancellationToken)
            .ConfigureAwait(false);
        var loaded = new LoadedAggregate(this, stream, definition, aggregate, LoadedFrom.Store);
        var request = new AppendRequest();
        await loaded.AddTo(request, cancellationToken).ConfigureAwait(false);
        var result = await Store.Append(request, cancellationToken).ConfigureAwait(false);
        loaded.Committed(result.Version);
        return result;
    }

    internal AggregateDefinition<TAggregate, TId> DefinitionOf<TAggregate, TId>()
        where TAggregate : Aggregate<TId>
        where TId : notnull =>
        _definitions.TryGetValue(typeof(TAggregate), out var found)
        && found is AggregateDefinition<TAggregate, TId> definition
            ? definition
            : throw new InvalidOperationException(
                $"{typeof(TAggregate).Name} is not a registered aggregate. Mark it with [Stream(\"category\")] in an "
                    + "assembly with a [Model], or register it with ModelBuilder.Aggregate.");

    /// <summary>Gets the cache that keeps aggregate states between commands.</summary>
    internal AggregateCache Cache { get; }

    /// <summary>Gets the guard that refuses calls after the end of a command.</summary>
    internal ClosedCommandGuard ClosedCommandGuard { get; }

    /// <summary>Adds a snapshot to a request if a snapshot is due.</summary>
    internal ValueTask AddSnapshot(
        AppendRequest request,
        StreamId stream,
        AggregateDefinition definition,
        Aggregate aggregate,
        CancellationToken cancellationToken)
    {
        if (aggregate.LoadedVersion == 0)
            aggregate.ValuesRound = Store.Stored.Round; // The state was not read.
        // A stream without events may have been deleted. The aggregate then cannot know the version of the next event.
        var isDue = definition.SnapshotEvery > 0
            && aggregate.LoadedVersion > 0
            && aggregate.ValuesRound == Store.Stored.Round
            && aggregate.Version - aggregate.SnapshotVersion >= definition.SnapshotEvery;
        return isDue ? TakeSnapshot(request, stream, definition, aggregate, cancellationToken) : default;
    }

    private async ValueTask TakeSnapshot(
        AppendRequest request,
        StreamId stream,
        AggregateDefinition definition,
        Aggregate aggregate,
        CancellationToken cancellationToken)
    {
        await _snapshots.Ensure(cancellationToken).ConfigureAwait(false);
        if (_snapshots.Create(stream, definition, aggregate) is not { } snapshot)
            return;
        request.With(snapshot);
        aggregate.SnapshotVersion = aggregate.Version;
    }

    internal async ValueTask<TAggregate> Replay<TAggregate, TId>(
        AggregateDefinition<TAggregate, TId> definition, TId id, StreamId stream, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        if (definition.Snapshot is { } snapshotSerializer)
        {
            var round = Store.Stored.Round;
            var restored = await Restore(definition, snapshotSerializer, id, stream, cancellationToken)
                .ConfigureAwait(false);
            restored.ValuesRound = round;
            return restored;
        }
        var aggregate = definition.Create(id);
        await Replay(aggregate, stream, 1, first: null, cancellationToken).ConfigureAwait(false);
        return aggregate;
    }

    private ValueTask Replay(
        Aggregate aggregate, StreamId stream, long from, EventPage? first, CancellationToken cancellationToken) =>
        StreamFold.Read(
            Store,
            stream,
            from,
            first,
            aggregate,
            static (to, data, version) => to.Load(data, version),
            cancellationToken);

    /// <summary>
    /// Restores an aggregate from a valid snapshot and the events after it. Without a valid snapshot, replays all
    /// events.
    /// </summary>
    private async ValueTask<TAggregate> Restore<TAggregate, TId>(
        AggregateDefinition<TAggregate, TId> definition,
        AggregateSnapshot<TAggregate> snapshotSerializer,
        TId id,
        StreamId stream,
        CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var stored = await _snapshots.Read(stream, cancellationToken).ConfigureAwait(false);
        var aggregate = definition.Create(id);
        var from = 1L;
        if (_snapshots.Find(stream, stored.Document, snapshotSerializer.SchemaVersion) is { } snapshot
            && await IsOfExistingStream(snapshot, stored.Head, stream, cancellationToken).ConfigureAwait(false))
        {
            if (TryRestore(snapshotSerializer, aggregate, snapshot, stream))
                from = snapshot.Version + 1;
            else
                aggregate = definition.Create(id); // The failed restore may have changed the old object.
        }
        await Replay(aggregate, stream, from, PageFrom(from, stored), cancellationToken).ConfigureAwait(false);
        return aggregate;
    }

    private bool TryRestore<TAggregate>(
        AggregateSnapshot<TAggregate> snapshotSerializer, TAggregate aggregate, Snapshot snapshot, StreamId stream)
        where TAggregate : Aggregate
    {
        try
        {
            snapshotSerializer.Restore(aggregate, snapshot.State.Span);
        }
#pragma warning disable CA1031 // After any error of a snapshot, the events are replayed.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _snapshots.RestoreFailed(stream, exception);
            return false;
        }
        aggregate.LoadedVersion = snapshot.Version;
        aggregate.SnapshotVersion = snapshot.Version;
        return true;
    }

    /// <summary>
    /// Returns the events that were read with a snapshot if they start at the version. The storage selects these events
    /// by the snapshot's position, which does not have to match the snapshot's version.
    /// </summary>
    private static EventPage? PageFrom(long from, StoredSnapshot stored) => stored switch
    {
        { EventsAfter: null } or { Document: null } => stored.EventsAfter,
        { EventsAfter.Events: [var first, ..] } => first.Version == from ? stored.EventsAfter : null,
        _ => stored.Head.Version == from - 1 ? stored.EventsAfter : null,
    };

    /// <summary>
    /// Returns false if the stream was deleted after the snapshot was written, so that the snapshot no longer matches
    /// the events.
    /// </summary>
    private async ValueTask<bool> IsOfExistingStream(
        Snapshot snapshot, StreamHead head, StreamId stream, CancellationToken cancellationToken)
    {
        if (head.State != StreamState.Open
            || head.Version < snapshot.Version
            || head.FirstVersion > snapshot.Version + 1)
            return false;
        if (head.FirstVersion <= snapshot.Version)
            return true;
        var removals = await Store.Storage.Log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        return !removals.Any(removal => removal.Kind == RemovalKind.Delete && removal.ToVersion >= snapshot.Version);
    }
}
