using System.Text.Json.Serialization.Metadata;

namespace Millrace;

/// <summary>
/// Writes and reads snapshots of an aggregate. Snapshots only save time. If there is no snapshot or it cannot be read,
/// the events are replayed.
/// </summary>
public abstract class AggregateSnapshot<TAggregate>
{
    private protected AggregateSnapshot(int schemaVersion, int every)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(schemaVersion, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        SchemaVersion = schemaVersion;
        Every = every;
    }

    /// <summary>Gets the version of the snapshot's schema. Snapshots of other versions are not used.</summary>
    public int SchemaVersion { get; }

    /// <summary>Gets the number of events after which a new snapshot is written.</summary>
    public int Every { get; }

    internal abstract byte[] Create(TAggregate aggregate);

    internal abstract void Restore(TAggregate aggregate, ReadOnlySpan<byte> bytes);
}

/// <summary>
/// Writes and reads snapshots of an aggregate that implements <see cref="ISnapshotable{TState}"/>, as JSON.
/// </summary>
public sealed class AggregateSnapshot<TAggregate, TState>(int schemaVersion, int every, JsonTypeInfo<TState> json)
    : AggregateSnapshot<TAggregate>(schemaVersion, every)
    where TAggregate : ISnapshotable<TState>
    where TState : notnull
{
    internal override byte[] Create(TAggregate aggregate) =>
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(aggregate.TakeSnapshot(), json);

    internal override void Restore(TAggregate aggregate, ReadOnlySpan<byte> bytes) =>
        aggregate.Restore(System.Text.Json.JsonSerializer.Deserialize(bytes, json)
            ?? throw new System.Text.Json.JsonException("The snapshot is null."));
}

/// <summary>
/// An aggregate whose state can be stored in a snapshot, so that a long stream does not have to be replayed.
/// </summary>
/// <typeparam name="TState">A record with the complete state.</typeparam>
public interface ISnapshotable<TState>
{
    /// <summary>Returns the state.</summary>
    TState TakeSnapshot();

    /// <summary>Restores the state.</summary>
    void Restore(TState state);
}

/// <summary>Enables snapshots of an aggregate that implements <see cref="ISnapshotable{TState}"/>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SnapshotAttribute : Attribute
{
    /// <summary>
    /// Gets or sets the number of events after which a new snapshot is written; at least 1, 100 by default.
    /// </summary>
    public int Every { get; set; } = 100;

    /// <summary>
    /// Gets or sets the version of the state's schema; 1 by default. Increase it when the state changes, so that old
    /// snapshots are no longer used.
    /// </summary>
    public int Version { get; set; } = 1;
}
