using Millrace.Aggregates;
using Millrace.Store;

namespace Millrace;

/// <summary>The definition of an aggregate.</summary>
public abstract class AggregateDefinition
{
    private protected AggregateDefinition(Type aggregate, string category)
    {
        AggregateType = aggregate;
        Category = category;
    }

    /// <summary>Gets the CLR type.</summary>
    public Type AggregateType { get; }

    /// <summary>Gets the category of the streams.</summary>
    public string Category { get; }

    /// <summary>
    /// Gets the number of events after which a snapshot is written; 0 if the aggregate has no snapshots.
    /// </summary>
    internal abstract int SnapshotEvery { get; }

    internal abstract int SnapshotSchemaVersion { get; }

    /// <summary>Gets the CLR type of the ids.</summary>
    internal abstract Type IdType { get; }

    internal abstract byte[] TakeSnapshot(Aggregate aggregate);

    /// <summary>Creates an aggregate without events. The id must have the type <see cref="IdType"/>.</summary>
    internal abstract Aggregate CreateWith(object id);

    internal abstract StreamId StreamWith(object id);

    /// <summary>Creates a replay that folds the stream of a key in memory.</summary>
    internal abstract StateReplay CreateReplay(string key);
}

/// <summary>The definition of an aggregate.</summary>
/// <param name="category">The category of the streams.</param>
/// <param name="create">Creates an aggregate without events.</param>
public sealed class AggregateDefinition<TAggregate, TId>(string category, Func<TAggregate> create)
    : AggregateDefinition(typeof(TAggregate), category)
    where TAggregate : Aggregate<TId>
    where TId : notnull
{
    /// <summary>Gets the definition that writes and reads snapshots; null for an aggregate without snapshots.</summary>
    public AggregateSnapshot<TAggregate>? Snapshot { get; init; }

    /// <summary>
    /// Gets the function that parses an id from the key of a stream. The default is null. Tools then show aggregates
    /// without an id.
    /// </summary>
    public Func<string, TId>? ParseId { get; init; }

    /// <summary>Gets the stream of the aggregate with an id.</summary>
    public StreamId StreamOf(TId id) => StreamId.For(Category, id);

    internal override int SnapshotEvery => Snapshot?.Every ?? 0;

    internal override int SnapshotSchemaVersion => Snapshot?.SchemaVersion ?? 0;

    internal override byte[] TakeSnapshot(Aggregate aggregate) =>
        (Snapshot ?? throw new InvalidOperationException("The aggregate takes no snapshots.")).Create(
            (TAggregate)aggregate);

    internal override Type IdType => typeof(TId);

    internal override Aggregate CreateWith(object id) => Create((TId)id);

    internal override StreamId StreamWith(object id) => StreamOf((TId)id);

    internal override StateReplay CreateReplay(string key)
    {
        var aggregate = create();
        if (ParseId is { } parse)
            aggregate.Id = parse(key);
        return new AggregateReplay(aggregate);
    }

    internal TAggregate Create(TId id)
    {
        var aggregate = create();
        aggregate.Id = id;
        return aggregate;
    }
}
