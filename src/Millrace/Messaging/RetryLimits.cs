namespace Millrace.Messaging;

/// <summary>
/// The maximum number of messages that wait at a broker for a retry. At the maximum, no further messages are taken.
/// </summary>
/// <param name="PerKey">The maximum behind the retried message of a key:
/// <see cref="ConsumerOptions.MaxWaitingPerKey"/>.</param>
/// <param name="InAll">The maximum for all keys: <see cref="ConsumerOptions.MaxDeadLetters"/>.</param>
public sealed record RetryLimits(int PerKey, int InAll);
