namespace Millrace;

/// <summary>Thrown when a shard cannot be reached. Other shards are not affected.</summary>
public sealed class ShardUnavailableException(ShardId shard, string reason, Exception? innerException = null)
    : MillraceException(
        $"The shard '{shard}' is not available: {reason} The application tries to open it again regularly.",
        innerException)
{
    /// <summary>Gets the shard.</summary>
    public ShardId Shard { get; } = shard;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
