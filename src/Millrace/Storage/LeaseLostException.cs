namespace Millrace.Storage;

/// <summary>
/// A consumer's lease is held by another node now, or its checkpoint was set elsewhere: what it wanted to write was
/// refused.
/// </summary>
public sealed class LeaseLostException(string consumer, int partition, string reason)
    : MillraceException($"Consumer '{consumer}', partition {partition}, does not hold its lease any more: {reason}.")
{
    /// <summary>The consumer.</summary>
    public string Consumer { get; } = consumer;

    /// <summary>Its partition.</summary>
    public int Partition { get; } = partition;

    /// <summary>What happened instead.</summary>
    public string Reason { get; } = reason;
}
