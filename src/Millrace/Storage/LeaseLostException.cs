namespace Millrace.Storage;

/// <summary>
/// Thrown when a write of a consumer was refused because another node holds its lease now, or because its checkpoint
/// was changed.
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
