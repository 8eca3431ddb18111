namespace Millrace;

/// <summary>Thrown when an operation names a shard that does not exist.</summary>
public sealed class ShardNotFoundException(string shard, IReadOnlyList<string> known)
    : MillraceException(
        known.Count == 0
            ? $"There is no shard '{shard}', because there is only one store. Do not name a shard."
            : $"There is no shard '{shard}'. The shards are: {string.Join(", ", known)}.")
{
    /// <summary>Gets the name.</summary>
    public string Shard { get; } = shard;

    /// <summary>Gets the names of the shards; empty without shards.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
