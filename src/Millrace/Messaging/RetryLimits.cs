namespace Millrace.Messaging;

/// <summary>How many messages may wait at a broker to be tried again; when there are so many, no further ones are
/// taken.</summary>
/// <param name="PerKey">The most that wait behind the one that is tried again, of a key: <see
/// cref="ConsumerOptions.MaxWaitingPerKey"/>.</param>
/// <param name="InAll">The most of all keys: <see cref="ConsumerOptions.MaxDeadLetters"/>.</param>
public sealed record RetryLimits(int PerKey, int InAll);
