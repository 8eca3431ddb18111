namespace Millrace.Aggregates;

/// <summary>A stream that was loaded as an aggregate.</summary>
internal sealed class LoadedAggregate(
    AggregateRepository repository,
    StreamId stream,
    AggregateDefinition definition,
    Aggregate aggregate,
    LoadedFrom from) : LoadedStream(stream, from)
{
    public override string Name => definition.AggregateType.Name;

    public override object State => aggregate;

    public override long Version => aggregate.LoadedVersion;

    public override IReadOnlyList<object> Raised => aggregate.Raised;

    public override void Close(ClosedCommandGuard guard) => aggregate.Close(guard);

    public override void Committed(long version) => aggregate.Committed(version);

    protected override ValueTask AddSnapshot(AppendRequest request, CancellationToken cancellationToken) =>
        repository.AddSnapshot(request, Stream, definition, aggregate, cancellationToken);
}
