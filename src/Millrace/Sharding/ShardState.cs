namespace Millrace;

/// <summary>The states of a shard on this node.</summary>
public enum ShardState
{
    /// <summary>The node has not opened the shard yet.</summary>
    Opening,

    /// <summary>The shard answers.</summary>
    Open,

    /// <summary>The shard cannot be reached, or did not answer in time. The node tries again regularly.</summary>
    Unavailable,

    /// <summary>The store behind the name of the shard is not the store that the map contains.</summary>
    WrongStore,

    /// <summary>The application has the shard, but the map does not contain it yet.</summary>
    NotAdded,

    /// <summary>The map contains the shard, but this node has no store for it.</summary>
    NotConfigured,
}
