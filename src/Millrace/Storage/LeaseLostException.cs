namespace Millrace.Storage;

/// <summary>
/// Thrown when the store refuses a write of a consumer, because another node now holds the consumer's lease or has
/// changed its checkpoint.
/// </summary>
public sealed class LeaseLostException(string consumer, int partition, string reason)
    : MillraceException($"Consumer '{consumer}', partition {partition}, no longer holds its lease: {reason}.")
{
    /// <summary>Gets the consumer.</summary>
    public string Consumer { get; } = consumer;

    /// <summary>Gets the partition.</summary>
    public int Partition { get; } = partition;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;
}
