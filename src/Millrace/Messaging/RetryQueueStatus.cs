namespace Millrace.Messaging;

/// <summary>The messages of a receiver that wait at the broker for a retry.</summary>
/// <param name="Receiver">The receiver's name.</param>
/// <param name="Waiting">The number of messages that wait, including messages that wait for an earlier message of their
/// key.</param>
/// <param name="Stall">The reason why the receiver waits for retries before it accepts messages; null if it accepts
/// messages.</param>
public sealed record RetryQueueStatus(string Receiver, long Waiting, string? Stall);
