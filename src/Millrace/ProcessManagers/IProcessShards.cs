namespace Millrace.ProcessManagers;

/// <summary>
/// The shards of a process. An instance is in the shard of its stream, and receives events of all shards. It stores the
/// position of an event together with the shard, as one number.
/// </summary>
internal interface IProcessShards
{
    /// <summary>Gets the store that finds the shard of each instance.</summary>
    EventStore Instances { get; }

    /// <summary>
    /// Returns the number of a position in the log of a store; for the home shard, the position itself.
    /// </summary>
    long NumberOf(EventStore store, long position);

    /// <summary>Returns the event with a number; null if it was removed.</summary>
    /// <exception cref="MillraceException">Its shard is not available.</exception>
    ValueTask<RecordedEvent?> FindAt(long number, CancellationToken cancellationToken);
}
