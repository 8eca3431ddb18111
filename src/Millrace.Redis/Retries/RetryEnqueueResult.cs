namespace Millrace.Redis;

/// <summary>What became of a message that was to wait.</summary>
/// <param name="IsKept">Whether it waits.</param>
/// <param name="IsGone">Whether it was acknowledged before, or is another's: nothing is left to do about it.</param>
/// <param name="OfKey">How many of its key wait.</param>
/// <param name="InAll">How many wait in all.</param>
internal readonly record struct RetryEnqueueResult(bool IsKept, bool IsGone, long OfKey, long InAll);
