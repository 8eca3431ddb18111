using Millrace.Storage;

namespace Millrace;

/// <summary>An aggregate that a command uses.</summary>
internal sealed class LoadedAggregate(
    StreamId stream, AggregateDefinition definition, Aggregate aggregate, LoadedFrom from) : LoadedStream(stream, from)
{
    public override string Name => definition.AggregateType.Name;

    public override object State => aggregate;

    public override long Version => aggregate.LoadedVersion;

    public override IReadOnlyList<object> Raised => aggregate.Raised;

    public override void Close(ClosedCommandGuard guard) => aggregate.Close(guard);

    public override ValueTask<DocumentChange?> TakeSnapshot(
        AggregateRepository repository,
        CancellationToken cancellationToken
    ) => repository.TakeSnapshot(Stream, definition, aggregate, cancellationToken);

    protected override void Committed(long version) => aggregate.Committed(version);
}
