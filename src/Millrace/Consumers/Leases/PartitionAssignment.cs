namespace Millrace;

/// <summary>A partition of a consumer, and the node that works on it.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Node">The node; null when there is none.</param>
internal readonly record struct PartitionAssignment(string Consumer, int Partition, string? Node);
