namespace Millrace.Storage;

/// <summary>
/// Ids of dead letters that are unique in all shards. Such an id is the number in the store of the shard, plus a
/// million million for each earlier shard of the map. The ids of the home shard are therefore the stored numbers.
/// </summary>
internal static class DeadLetterId
{
    /// <summary>
    /// The number of ids of each shard. With the maximum number of shards, all ids are exact in JavaScript.
    /// </summary>
    public const long PerShard = 1_000_000_000_000;

    /// <summary>Returns the index of the shard of an id.</summary>
    public static int ShardOf(long id) => (int)Math.Clamp(id / PerShard, 0, int.MaxValue);

    /// <summary>Returns the first id of a shard.</summary>
    public static long FirstOf(int shard) => shard * PerShard;

    /// <summary>Returns a stored dead letter with its id in all shards.</summary>
    /// <param name="letter">The dead letter, as its store contains it.</param>
    /// <param name="shard">The name of the shard; null without shards.</param>
    /// <param name="index">The index of the shard in the map.</param>
    public static DeadLetter InShard(DeadLetter letter, string? shard, int index) =>
        shard is null ? letter : letter with { Id = InShard(letter.Id, shard, index), Shard = shard };

    /// <summary>Returns the id in all shards of a stored number.</summary>
    /// <inheritdoc cref="InShard(DeadLetter, string?, int)"/>
    public static long InShard(long stored, string? shard, int index) =>
        shard is null ? stored : FirstOf(index) + stored;

    /// <summary>Returns the dead letter as its store contains it.</summary>
    public static DeadLetter ToStored(DeadLetter letter) =>
        letter.Shard is null ? letter : letter with { Id = letter.Id % PerShard, Shard = null };
}
