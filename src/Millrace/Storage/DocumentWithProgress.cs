namespace Millrace.Storage;

/// <summary>A document and the progress of the consumer that writes its collection, as of one moment.</summary>
/// <param name="Document">The document; null when there is none.</param>
/// <param name="LeaseEpoch">The sum of the lease epochs of the consumer's partitions; null when there is no such
/// consumer.</param>
/// <param name="Checkpoint">The lowest checkpoint of the consumer's partitions; 0 when one of them has none.</param>
public sealed record DocumentWithProgress(Document? Document, long? LeaseEpoch, long Checkpoint);
