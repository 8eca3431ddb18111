namespace Millrace.Consuming.Partitions;

/// <summary>
/// Thrown when a corrected event has a key of another partition. This partition must not change that key's documents
/// and order.
/// </summary>
internal sealed class KeyOfOtherPartitionException(string consumer, string key, string otherKey)
    : MillraceException(
        $"The correction moves the event of the key '{key}' to the key '{otherKey}', which belongs to another "
            + $"partition of '{consumer}'. "
            + "Correct the event so that it keeps its key, or skip it and append the missing events.")
{
    /// <summary>Gets the key of the dead letter.</summary>
    public string Key { get; } = key;

    /// <summary>Gets the key of the corrected event.</summary>
    public string OtherKey { get; } = otherKey;
}
