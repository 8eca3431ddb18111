namespace Millrace.Messaging;

/// <summary>
/// The maximum number of messages that wait at a broker for a retry. At the maximum, the receiver accepts no further
/// messages.
/// </summary>
/// <param name="PerKey">The maximum number of messages that wait for the retried message of a key
/// (<see cref="ConsumerOptions.MaxWaitingPerKey"/>).</param>
/// <param name="Total">The maximum for all keys together (<see cref="ConsumerOptions.MaxDeadLetters"/>).</param>
public sealed record RetryLimits(int PerKey, int Total);
