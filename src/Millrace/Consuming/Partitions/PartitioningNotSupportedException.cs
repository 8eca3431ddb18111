namespace Millrace;

/// <summary>
/// Thrown at the start of the application when the options divide a consumer that cannot be partitioned.
/// </summary>
public sealed class PartitioningNotSupportedException : MillraceException
{
    internal PartitioningNotSupportedException(string consumer, string problem)
        : base($"ConsumerOptions.Partitions names '{consumer}': {problem}") => Consumer = consumer;

    /// <summary>Gets the name of the consumer in the options.</summary>
    public string Consumer { get; }
}
