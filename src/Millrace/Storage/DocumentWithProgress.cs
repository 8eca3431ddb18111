namespace Millrace.Storage;

/// <summary>A document and the progress of the consumer that writes its collection, read at the same moment.</summary>
/// <param name="Document">The document; null if it does not exist.</param>
/// <param name="LeaseEpoch">The sum of the lease epochs of the consumer's partitions; null if the consumer does not
/// exist.</param>
/// <param name="Checkpoint">The lowest checkpoint of the consumer's partitions; 0 if one of the partitions has no
/// checkpoint.</param>
public sealed record DocumentWithProgress(Document? Document, long? LeaseEpoch, long Checkpoint);
