namespace Millrace.Messaging;

/// <summary>How many messages of a receiver wait at the broker to be tried again.</summary>
/// <param name="Receiver">The receiver's name.</param>
/// <param name="Waiting">How many wait, those behind others of their keys among them.</param>
/// <param name="Stall">Why the receiver takes no further messages until some are done; null when it does.</param>
public sealed record RetryQueueStatus(string Receiver, long Waiting, string? Stall);
