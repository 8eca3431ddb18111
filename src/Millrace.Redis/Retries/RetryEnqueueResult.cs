namespace Millrace.Redis.Retries;

/// <summary>The result of adding a message to the queue.</summary>
/// <param name="IsKept">True if the message waits in the queue.</param>
/// <param name="IsGone">True if the message was already acknowledged, or now belongs to another receiver: there is
/// nothing to do.</param>
/// <param name="CountOfKey">The number of waiting messages of its key.</param>
/// <param name="Total">The number of all waiting messages.</param>
internal readonly record struct RetryEnqueueResult(bool IsKept, bool IsGone, long CountOfKey, long Total);
