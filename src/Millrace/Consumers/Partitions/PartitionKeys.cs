namespace Millrace;

/// <summary>The keys of one partition of a consumer. The default is all keys: of a consumer that is not
/// divided.</summary>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Of">Into how many partitions the keys are divided; 0 counts as 1.</param>
internal readonly record struct PartitionKeys(int Partition, int Of)
{
    /// <summary>Into how many partitions the keys are divided.</summary>
    public int Count => Math.Max(1, Of);

    /// <summary>Whether it has all keys.</summary>
    public bool IsWhole => Of <= 1;

    /// <summary>The shares that a consumer is divided into.</summary>
    public static IEnumerable<PartitionKeys> All(int count)
    {
        for (var i = 0; i < count; i++)
            yield return new PartitionKeys(i, count);
    }

    /// <summary>Whether a key belongs to it.</summary>
    public bool Owns(ReadOnlySpan<char> key) => IsWhole || NumberOf(key) % (uint)Of == (uint)Partition;

    /// <summary>
    /// The number of a key, the same for ever and on every node, because what is stored was divided by it: FNV-1a over
    /// its UTF-16 code units, mixed so that keys which differ in their last letters alone differ in every bit.
    /// </summary>
    internal static uint NumberOf(ReadOnlySpan<char> key)
    {
        var hash = 14695981039346656037UL;
        foreach (var unit in key)
            hash = (hash ^ unit) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return (uint)(hash ^ (hash >> 33));
    }
}
