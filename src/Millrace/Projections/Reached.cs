namespace Millrace;

/// <summary>The progress of a consumer's documents before they were read.</summary>
/// <param name="Freshness">The freshness.</param>
/// <param name="Position">The position that all documents contain; 0 when it is not known.</param>
/// <param name="LeaseEpoch">The lease epoch: under another lease, the documents may have been rebuilt. Null when no
/// lease was ever taken.</param>
internal readonly record struct Reached(Freshness Freshness, long Position, long? LeaseEpoch);
