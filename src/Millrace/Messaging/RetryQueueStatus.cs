namespace Millrace.Messaging;

/// <summary>The messages of a receiver that wait at the broker for a retry.</summary>
/// <param name="Receiver">The receiver's name.</param>
/// <param name="Waiting">The number of messages that wait, including those behind others with the same key.</param>
/// <param name="Stall">Why the receiver accepts no further messages until some are handled; null if it does.</param>
public sealed record RetryQueueStatus(string Receiver, long Waiting, string? Stall);
