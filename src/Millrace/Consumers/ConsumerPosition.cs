namespace Millrace;

/// <summary>The position of a consumer at one moment, over all its partitions.</summary>
/// <param name="Position">The position that its effects have reached.</param>
/// <param name="LeaseEpoch">The sum of the epochs of its leases, which grows with each new lease; null when no lease
/// was ever taken.</param>
/// <param name="OpenDeadLetters">The number of its open dead letters.</param>
internal readonly record struct ConsumerPosition(long Position, long? LeaseEpoch, long OpenDeadLetters);
