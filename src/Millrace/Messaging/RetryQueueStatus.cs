namespace Millrace.Messaging;

/// <summary>The messages of a receiver that wait at the broker for a retry.</summary>
/// <param name="Receiver">The receiver's name.</param>
/// <param name="Waiting">The number of messages that wait, including those behind others with the same key.</param>
/// <param name="Stall">Why the receiver waits for retries before it accepts messages; null if it accepts them.</param>
public sealed record RetryQueueStatus(string Receiver, long Waiting, string? Stall);
