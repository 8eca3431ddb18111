using Millrace.Consuming;

namespace Millrace.Projecting;

/// <summary>The shards in which the documents of read models are.</summary>
internal interface IReadModelShards
{
    /// <summary>Gets the names of all shards; the home shard is the first one.</summary>
    IReadOnlyList<string> All { get; }

    /// <summary>Returns the shard of a stream.</summary>
    ValueTask<string> Find(StreamId stream, CancellationToken cancellationToken);

    /// <summary>
    /// Loads the newest map if the shard of a stream, which was not found, was placed by an older one. Returns the
    /// other shard; null if there is none.
    /// </summary>
    ValueTask<string?> FindOther(StreamId stream, string shard, CancellationToken cancellationToken);

    /// <summary>Loads the newest map.</summary>
    ValueTask Reload(CancellationToken cancellationToken);

    /// <summary>Returns the consumers of a shard, which update its documents.</summary>
    /// <exception cref="MillraceException">The shard is not available.</exception>
    ConsumerHost HostOf(string shard);
}
