namespace Millrace;

/// <summary>
/// Options for an application with several shards. They are read when the application starts. Later changes have no
/// effect.
/// </summary>
public sealed class ShardOptions
{
    /// <summary>
    /// Gets or sets the maximum time for opening a shard other than the home shard; from 1 second to 5 minutes, 10
    /// seconds by default. The start of the application waits at most this time for such a shard.
    /// </summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the interval at which the node checks each shard, opens unavailable shards again and reads a
    /// changed map; from 100 milliseconds to 1 minute, 5 seconds by default.
    /// </summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the time within which a shard must answer a check; from 100 milliseconds to 1 minute, 2 seconds by
    /// default. After this time, the shard is unavailable until it answers the next check.
    /// </summary>
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the maximum time during which a tenant that moves to another shard is not available; from 1 second
    /// to 1 hour, 10 seconds by default. After this time, the tenant is used in its former shard again, and the move
    /// copies once more what has changed. After the third time, it fails, and can be continued later.
    /// </summary>
    public TimeSpan MaxMovePause { get; set; } = TimeSpan.FromSeconds(10);

    internal ShardOptions Copy() => (ShardOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (OpenTimeout < TimeSpan.FromSeconds(1) || OpenTimeout > TimeSpan.FromMinutes(5))
            yield return $"OpenTimeout: must be from 1 second to 5 minutes, but is {OpenTimeout}.";
        if (CheckEvery < TimeSpan.FromMilliseconds(100) || CheckEvery > TimeSpan.FromMinutes(1))
            yield return $"CheckEvery: must be from 100 milliseconds to 1 minute, but is {CheckEvery}.";
        if (MaxMovePause < TimeSpan.FromSeconds(1) || MaxMovePause > TimeSpan.FromHours(1))
            yield return $"MaxMovePause: must be from 1 second to 1 hour, but is {MaxMovePause}.";
        if (CheckTimeout < TimeSpan.FromMilliseconds(100) || CheckTimeout > TimeSpan.FromMinutes(1))
            yield return $"CheckTimeout: must be from 100 milliseconds to 1 minute, but is {CheckTimeout}.";
    }
}
