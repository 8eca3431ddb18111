namespace Millrace.Redis;

/// <summary>What was due, and how the queue is.</summary>
/// <param name="Next">After how long the next key is due; null when none waits.</param>
/// <param name="InAll">How many messages wait; null when another receiver has the group.</param>
/// <param name="OfKey">How many wait of the key that was asked about.</param>
/// <param name="Deliveries">What was due, in order within a key.</param>
internal sealed record DueRetries(TimeSpan? Next, long? InAll, long OfKey, List<RetryDelivery> Deliveries);
