namespace Millrace;

/// <summary>
/// Thrown when a command or an append writes to streams of several shards. Nothing was written: a commit is in one log.
/// </summary>
public sealed class StreamsOnSeveralShardsException : MillraceException
{
    internal StreamsOnSeveralShardsException(IReadOnlyList<StreamShard> streams)
        : base(
            $"The streams {string.Join(", ", streams)} are in several shards, and one commit cannot write to all of "
                + "them. Write to one of them, and to the others in the steps of a process, which starts with the "
                + "event of the first.") => Streams = streams;

    /// <summary>Gets the streams with their shards, in the order in which the request has them.</summary>
    public IReadOnlyList<StreamShard> Streams { get; }
}

/// <summary>A stream with its shard.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Shard">The shard.</param>
public readonly record struct StreamShard(StreamId Stream, ShardId Shard)
{
    /// <inheritdoc/>
    public override string ToString() => $"'{Stream}' ({Shard})";
}
