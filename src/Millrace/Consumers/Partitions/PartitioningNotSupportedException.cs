namespace Millrace;

/// <summary>A consumer is to be divided into partitions, and cannot be. Thrown when the application starts.</summary>
public sealed class PartitioningNotSupportedException : MillraceException
{
    internal PartitioningNotSupportedException(string consumer, string problem)
        : base($"ConsumerOptions.Partitions names '{consumer}': {problem}") => Consumer = consumer;

    /// <summary>The consumer, as the options name it.</summary>
    public string Consumer { get; }
}
