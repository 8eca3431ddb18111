namespace Millrace.Consuming.Partitions;

/// <summary>
/// The keys of one partition of a consumer. The default value means all keys, for a consumer that is not partitioned.
/// </summary>
/// <param name="Partition">The number of the partition, from 0.</param>
/// <param name="Of">The number of partitions; 0 counts as 1.</param>
internal readonly record struct PartitionKeys(int Partition, int Of)
{
    /// <summary>Gets the number of partitions.</summary>
    public int Count => Math.Max(1, Of);

    /// <summary>Gets whether the partition contains all keys.</summary>
    public bool IsWhole => Of <= 1;

    /// <summary>Returns the keys of each partition of a consumer.</summary>
    public static IEnumerable<PartitionKeys> All(int count)
    {
        for (var i = 0; i < count; i++)
            yield return new PartitionKeys(i, count);
    }

    /// <summary>Returns true when a key belongs to the partition.</summary>
    public bool Owns(ReadOnlySpan<char> key) => IsWhole || HashOf(key) % (uint)Of == (uint)Partition;

    /// <summary>
    /// Returns the hash of a key: FNV-1a over its UTF-16 code units, mixed so that keys that differ only in their last
    /// letters differ in every bit. The function must never change and is the same on every node, because stored data
    /// is divided by it.
    /// </summary>
    internal static uint HashOf(ReadOnlySpan<char> key)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in key)
            hash = (hash ^ unit) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return (uint)(hash ^ (hash >> 33));
    }
}
