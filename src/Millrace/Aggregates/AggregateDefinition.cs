namespace Millrace;

/// <summary>An aggregate as the runtime needs to know it.</summary>
public abstract class AggregateDefinition
{
    private protected AggregateDefinition(Type aggregate, string category) =>
        (AggregateType, Category) = (aggregate, category);

    /// <summary>The CLR type.</summary>
    public Type AggregateType { get; }

    /// <summary>The category of its streams.</summary>
    public string Category { get; }

    /// <summary>After how many events a snapshot is taken; 0 for never.</summary>
    internal abstract int SnapshotEvery { get; }

    internal abstract int SnapshotSchemaVersion { get; }

    /// <summary>The CLR type of the ids.</summary>
    internal abstract Type IdType { get; }

    internal abstract byte[] TakeSnapshot(Aggregate aggregate);

    /// <summary>Makes an aggregate without any events, with an id of the right type.</summary>
    internal abstract Aggregate CreateWith(object id);

    internal abstract StreamId StreamWith(object id);

    /// <summary>Makes what folds the stream of a key in memory.</summary>
    internal abstract StateReplay CreateReplay(string key);
}

/// <summary>An aggregate as the runtime needs to know it.</summary>
/// <param name="category">The category of its streams.</param>
/// <param name="create">Makes an aggregate without any events.</param>
public sealed class AggregateDefinition<TAggregate, TId>(string category, Func<TAggregate> create)
    : AggregateDefinition(typeof(TAggregate), category)
    where TAggregate : Aggregate<TId>
    where TId : notnull
{
    /// <summary>How snapshots of it are written and read; null when it takes none.</summary>
    public AggregateSnapshot<TAggregate>? Snapshot { get; init; }

    /// <summary>
    /// Reads an id from the key of a stream; null by default: then an aggregate that is only looked at has no id.
    /// </summary>
    public Func<string, TId>? ParseId { get; init; }

    /// <summary>The stream of the aggregate with an id.</summary>
    public StreamId StreamOf(TId id) => StreamId.For(Category, id);

    internal override int SnapshotEvery => Snapshot?.Every ?? 0;

    internal override int SnapshotSchemaVersion => Snapshot?.SchemaVersion ?? 0;

    internal override byte[] TakeSnapshot(Aggregate aggregate) =>
        (Snapshot ?? throw new InvalidOperationException("The aggregate takes no snapshots.")).Take(
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
