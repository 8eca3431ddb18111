using System.Text.Json.Serialization.Metadata;

namespace Millrace;

/// <summary>
/// How snapshots of an aggregate are written and read. They only save time: without them, or when they cannot be read,
/// the events are replayed.
/// </summary>
public abstract class AggregateSnapshot<TAggregate>
{
    private protected AggregateSnapshot(int schemaVersion, int every)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(schemaVersion, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        (SchemaVersion, Every) = (schemaVersion, every);
    }

    /// <summary>Counts the shapes of the snapshot; one of another version is not used.</summary>
    public int SchemaVersion { get; }

    /// <summary>After how many events a new one is taken.</summary>
    public int Every { get; }

    internal abstract byte[] Take(TAggregate aggregate);

    internal abstract void Restore(TAggregate aggregate, ReadOnlySpan<byte> bytes);
}

/// <summary>Snapshots of an aggregate that implements <see cref="ISnapshotable{TState}"/>, written as JSON.</summary>
public sealed class AggregateSnapshot<TAggregate, TState>(int schemaVersion, int every, JsonTypeInfo<TState> json)
    : AggregateSnapshot<TAggregate>(schemaVersion, every)
    where TAggregate : ISnapshotable<TState>
    where TState : notnull
{
    internal override byte[] Take(TAggregate aggregate) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(aggregate.TakeSnapshot(), json);

    internal override void Restore(TAggregate aggregate, ReadOnlySpan<byte> bytes) =>
        aggregate.Restore(System.Text.Json.JsonSerializer.Deserialize(bytes, json)
            ?? throw new System.Text.Json.JsonException("The snapshot is null."));
}

/// <summary>An aggregate whose state can be kept in a snapshot, to save replaying a long stream.</summary>
/// <typeparam name="TState">A record with all of its state.</typeparam>
public interface ISnapshotable<TState>
{
    /// <summary>Its state.</summary>
    TState TakeSnapshot();

    /// <summary>Takes a state back.</summary>
    void Restore(TState state);
}

/// <summary>Has snapshots taken of an aggregate that implements <see cref="ISnapshotable{TState}"/>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SnapshotAttribute : Attribute
{
    /// <summary>After how many events a new snapshot is taken; from 1, 100 by default.</summary>
    public int Every { get; set; } = 100;

    /// <summary>
    /// Counts the shapes of the state; raise it when the state changes, and old snapshots are no longer used. 1 by
    /// default.
    /// </summary>
    public int Version { get; set; } = 1;
}
