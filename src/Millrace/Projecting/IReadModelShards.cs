using Millrace.Consuming;

namespace Millrace.Projecting;

/// <summary>The shards in which the documents of read models are.</summary>
internal interface IReadModelShards
{
    /// <summary>Gets the names of all shards; the home shard is the first one.</summary>
    IReadOnlyList<string> All { get; }

    /// <summary>
    /// Reads in the shard of a stream. If the result does not exist, and this node has an older map, reads again in the
    /// shard where the newest map places the stream.
    /// </summary>
    ValueTask<TResult> Read<TResult>(
        StreamId stream,
        Func<string, ValueTask<TResult>> read,
        Func<TResult, bool> exists,
        CancellationToken cancellationToken);

    /// <summary>Loads the newest map.</summary>
    ValueTask Reload(CancellationToken cancellationToken);

    /// <summary>Returns the consumers of a shard, which update its documents.</summary>
    /// <exception cref="MillraceException">The shard is not available.</exception>
    ConsumerHost HostOf(string shard);
}
