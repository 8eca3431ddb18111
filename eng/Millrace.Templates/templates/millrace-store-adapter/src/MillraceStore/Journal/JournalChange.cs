using System.Text.Json.Serialization;

namespace Store1Space.Journal;

/// <summary>
/// A change, which is one line of the journal. Stored lines never change. You can add members and kinds, but do not
/// modify existing ones.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "change")]
[JsonDerivedType(typeof(Committed), "committed")]
[JsonDerivedType(typeof(CollectionEnsured), "collection-ensured")]
[JsonDerivedType(typeof(CollectionCleared), "collection-cleared")]
[JsonDerivedType(typeof(CollectionDropped), "collection-dropped")]
[JsonDerivedType(typeof(ReadModelPut), "read-model-put")]
[JsonDerivedType(typeof(LeaseAcquired), "lease-acquired")]
[JsonDerivedType(typeof(LeaseReleased), "lease-released")]
[JsonDerivedType(typeof(StateReported), "state-reported")]
[JsonDerivedType(typeof(ConsumerPaused), "consumer-paused")]
[JsonDerivedType(typeof(ConsumerReset), "consumer-reset")]
[JsonDerivedType(typeof(ConsumerDivided), "consumer-divided")]
[JsonDerivedType(typeof(NodeShown), "node-shown")]
[JsonDerivedType(typeof(NodeRemoved), "node-removed")]
[JsonDerivedType(typeof(EpochStarted), "epoch-begun")]
[JsonDerivedType(typeof(NamesForgotten), "names-forgotten")]
internal abstract record JournalChange
{
    /// <summary>Applies the change again.</summary>
    public abstract ValueTask Replay(IStorage memory);
}

/// <summary>A change by one call, whose result depends only on earlier changes.</summary>
internal abstract record JournalChange<T> : JournalChange
{
    /// <summary>Makes the call.</summary>
    public abstract ValueTask<T> Make(IStorage memory);

    public override async ValueTask Replay(IStorage memory) => await Make(memory);
}

internal sealed record CollectionEnsured(CollectionDefinition Collection) : JournalChange<bool>
{
    public override ValueTask<bool> Make(IStorage memory) => memory.Documents.EnsureCollection(Collection, default);
}

internal sealed record CollectionCleared(string Collection, string? Consumer) : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Documents.Clear(Collection, Consumer, default);
        return true;
    }
}

internal sealed record CollectionDropped(string Collection, DateTimeOffset Now) : JournalChange<bool>
{
    public override ValueTask<bool> Make(IStorage memory) => memory.Documents.Drop(Collection, Now, default);
}

internal sealed record ReadModelPut(ReadModelRecord Record, string? Reached) : JournalChange<bool>
{
    public override ValueTask<bool> Make(IStorage memory) => memory.Documents.PutReadModel(Record, Reached, default);
}

internal sealed record LeaseAcquired(
    string Consumer,
    int Partition,
    string Holder,
    TimeSpan Duration,
    DateTimeOffset Now) : JournalChange<ConsumerRecord>
{
    public override ValueTask<ConsumerRecord> Make(IStorage memory) =>
        memory.Leases.Acquire(Consumer, Partition, Holder, Duration, Now, default);
}

internal sealed record LeaseReleased(string Consumer, int Partition, long Epoch) : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Leases.Release(Consumer, Partition, Epoch, default);
        return true;
    }
}

internal sealed record StateReported(
    string Consumer, int Partition, long Epoch, string State, string? Error, DateTimeOffset Now) : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Leases.Report(Consumer, Partition, Epoch, State, Error, Now, default);
        return true;
    }
}

internal sealed record ConsumerPaused(string Consumer, bool IsPaused) : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Leases.SetPaused(Consumer, IsPaused, default);
        return true;
    }
}

internal sealed record ConsumerReset(string Consumer, long Checkpoint) : JournalChange<long?>
{
    public override ValueTask<long?> Make(IStorage memory) => memory.Leases.Reset(Consumer, Checkpoint, default);
}

internal sealed record ConsumerDivided(string Consumer, int Partitions) : JournalChange<bool>
{
    public override ValueTask<bool> Make(IStorage memory) => memory.Leases.Divide(Consumer, Partitions, default);
}

internal sealed record NodeShown(string Node, IReadOnlyList<string> Consumers, TimeSpan Duration, DateTimeOffset Now)
    : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Leases.AnnounceNode(Node, Consumers, Duration, Now, default);
        return true;
    }
}

internal sealed record NodeRemoved(string Node) : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Leases.RemoveNode(Node, default);
        return true;
    }
}

internal sealed record EpochStarted : JournalChange<LogHead>
{
    public override ValueTask<LogHead> Make(IStorage memory) => memory.Maintenance.StartEpoch(default);
}

internal sealed record NamesForgotten(string Prefix) : JournalChange<bool>
{
    public override async ValueTask<bool> Make(IStorage memory)
    {
        await memory.Maintenance.RemoveByPrefix(Prefix, default);
        return true;
    }
}
