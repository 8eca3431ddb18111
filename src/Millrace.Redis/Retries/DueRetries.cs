namespace Millrace.Redis.Retries;

/// <summary>The due messages, and the state of the queue.</summary>
/// <param name="Next">The delay until the next key is due; null if no key waits.</param>
/// <param name="Total">The number of all waiting messages; null if another receiver has the group.</param>
/// <param name="CountOfKey">The number of waiting messages of the requested key.</param>
/// <param name="Deliveries">The due messages, in order within a key.</param>
internal sealed record DueRetries(TimeSpan? Next, long? Total, long CountOfKey, List<RetryDelivery> Deliveries);
