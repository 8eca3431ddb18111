namespace Millrace.Redis.Retries;

/// <summary>The result of adding a message to the queue.</summary>
/// <param name="IsKept">True if it waits.</param>
/// <param name="IsGone">True if it was already acknowledged, or belongs to another receiver: nothing is left to
/// do.</param>
/// <param name="OfKey">The number of waiting messages of its key.</param>
/// <param name="Total">The number of all waiting messages.</param>
internal readonly record struct RetryEnqueueResult(bool IsKept, bool IsGone, long OfKey, long Total);
