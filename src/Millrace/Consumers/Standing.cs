namespace Millrace;

/// <summary>How a consumer stands at one moment, with all its partitions together.</summary>
/// <param name="Position">The position that its effects have reached.</param>
/// <param name="LeaseEpoch">Its leases, as one number that grows with each of them; null when nobody ever took
/// one.</param>
/// <param name="OpenDeadLetters">How many letters of it are open.</param>
internal readonly record struct Standing(long Position, long? LeaseEpoch, long OpenDeadLetters);
