using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Loads aggregates from their streams and saves what they raised. Safe to use from several threads; the aggregates are
/// not.
/// </summary>
/// <remarks>
/// Command handlers need it not: their aggregates are loaded and saved for them. Every event in an aggregate's stream
/// must be readable as a registered type: an aggregate that skipped a fact might decide wrongly, so loading it is
/// refused with <see cref="CannotDeserializeException"/>.
/// </remarks>
public sealed class AggregateRepository
{
    private readonly FrozenDictionary<Type, AggregateDefinition> _definitions;
    private readonly SnapshotStore _snapshots;

    /// <summary>Makes a repository. In an application <c>AddMillrace</c> does this.</summary>
    /// <param name="store">Where the streams are.</param>
    /// <param name="definitions">The aggregates it is to know.</param>
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
    }

    internal EventStore Store { get; }

    /// <summary>Loads an aggregate that must exist.</summary>
    /// <exception cref="AggregateNotFoundException">It does not.</exception>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or is of an unknown
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

    /// <summary>Loads an aggregate, or makes one without events when it does not exist.</summary>
    /// <exception cref="CannotDeserializeException">One of its events cannot be read, or is of an unknown
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
    /// Appends what an aggregate raised, on condition that nobody else appended since it was loaded. Does nothing when
    /// it raised nothing.
    /// </summary>
    /// <returns>What was appended; null when there was nothing.</returns>
    /// <exception cref="VersionConflictException">Somebody else did. Load it again and decide again.</exception>
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
        var request = new AppendRequest().To(stream, ExpectedVersion.AsRead(aggregate.LoadedVersion), aggregate.Raised);
        if (await TakeSnapshot(stream, definition, aggregate, cancellationToken).ConfigureAwait(false) is { } snapshot)
            request.With(snapshot);
        var result = await Store.Append(request, cancellationToken).ConfigureAwait(false);
        aggregate.Committed(result.Version);
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
                    + $"assembly "
                + "with a [Model], or register it with ModelBuilder.Aggregate.");

    /// <summary>The states that commands keep in memory.</summary>
    internal AggregateCache Cache { get; }

    /// <summary>Refuses what comes after a command's end.</summary>
    internal ClosedCommandGuard ClosedCommandGuard { get; }

    /// <summary>The change that keeps a snapshot, when one is due.</summary>
    internal async ValueTask<DocumentChange?> TakeSnapshot(
        StreamId stream, AggregateDefinition definition, Aggregate aggregate, CancellationToken cancellationToken)
    {
        // A stream without events may have been deleted, and then goes on with another version than its aggregate can
        // know.
        var isDue = definition.SnapshotEvery > 0
            && aggregate.LoadedVersion > 0
            && aggregate.Version - aggregate.SnapshotVersion >= definition.SnapshotEvery;
        if (!isDue)
            return null;
        await _snapshots.Ensure(cancellationToken).ConfigureAwait(false);
        var change = _snapshots.Take(stream, definition, aggregate);
        if (change is not null)
            aggregate.SnapshotVersion = aggregate.Version;
        return change;
    }

    internal async ValueTask<TAggregate> Replay<TAggregate, TId>(
        AggregateDefinition<TAggregate, TId> definition, TId id, StreamId stream, CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        if (definition.Snapshot is { } snapshots)
            return await Restore(definition, snapshots, id, stream, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Begins from a snapshot where there is one that can be trusted and read, else from the first
    /// event.</summary>
    private async ValueTask<TAggregate> Restore<TAggregate, TId>(
        AggregateDefinition<TAggregate, TId> definition,
        AggregateSnapshot<TAggregate> snapshots,
        TId id,
        StreamId stream,
        CancellationToken cancellationToken)
        where TAggregate : Aggregate<TId>
        where TId : notnull
    {
        var stored = await _snapshots.Read(stream, cancellationToken).ConfigureAwait(false);
        var (aggregate, from) = (definition.Create(id), 1L);
        if (_snapshots.Find(stream, stored.Document, snapshots.SchemaVersion) is { } snapshot
            && await IsOfExistingStream(snapshot, stored.Head, stream, cancellationToken).ConfigureAwait(false))
        {
            if (TryRestore(snapshots, aggregate, snapshot, stream))
                from = snapshot.Version + 1;
            else
                aggregate = definition.Create(id); // It may have taken over half of it.
        }
        await Replay(aggregate, stream, from, PageFrom(from, stored), cancellationToken).ConfigureAwait(false);
        return aggregate;
    }

    private bool TryRestore<TAggregate>(
        AggregateSnapshot<TAggregate> snapshots, TAggregate aggregate, Snapshot snapshot, StreamId stream)
        where TAggregate : Aggregate
    {
        try
        {
            snapshots.Restore(aggregate, snapshot.State.Span);
        }
#pragma warning disable CA1031 // A snapshot only saves time: whatever the aggregate's own code makes of it, the events tell the same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _snapshots.RestoreFailed(stream, exception);
            return false;
        }
        aggregate.LoadedVersion = aggregate.SnapshotVersion = snapshot.Version;
        return true;
    }

    /// <summary>
    /// The events that were read with a snapshot, if they are those from a version on: behind which of them it stands
    /// is told by its position, which need not be that of its version.
    /// </summary>
    private static EventPage? PageFrom(long from, StoredSnapshot stored) => stored switch
    {
        { Behind: null } or { Document: null } => stored.Behind,
        { Behind.Events: [var first, ..] } => first.Version == from ? stored.Behind : null,
        _ => stored.Head.Version == from - 1 ? stored.Behind : null,
    };

    /// <summary>
    /// False when the stream was deleted since the snapshot was taken, so that what it holds is no longer the
    /// aggregate's past.
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
