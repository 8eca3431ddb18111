namespace Millrace.Consuming.Leases;

/// <summary>A partition of a consumer, and the node that runs it.</summary>
/// <param name="Consumer">The name of the consumer.</param>
/// <param name="Partition">The number of the partition.</param>
/// <param name="Node">The node; null if no node runs the partition.</param>
internal readonly record struct PartitionAssignment(string Consumer, int Partition, string? Node);
