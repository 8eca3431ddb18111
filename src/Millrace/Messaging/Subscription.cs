namespace Millrace.Messaging;

/// <summary>What a receiver requests from a broker. Receivers with the same name share its messages.</summary>
/// <param name="Name">The stable name of the queue or group.</param>
/// <param name="Destination">The destination to which the messages are published.</param>
public sealed record Subscription(string Name, string Destination)
{
    /// <summary>Gets the types of messages to receive; empty, which is the default, for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>
    /// Gets the maximum number of deliveries in flight before some are acknowledged; 1,000 by default.
    /// </summary>
    public int Prefetch { get; init; } = 1_000;

    /// <summary>
    /// Gets how long its messages are useful; null, which is the default, until they are acknowledged. If no receiver
    /// is active for this time, the broker may remove the subscription and its messages. The messages do not have to
    /// survive a broker restart. The subscription is declared again before it is used.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>
    /// Gets the limits for messages that wait at the broker for a retry; null, which is the default, if they wait in
    /// the store. It is set only if <see cref="ITransport.KeepsRetries"/> is true; the receiver is then an
    /// <see cref="IRetryingReceiver"/>. Without limits, a receiver is one only while earlier messages still wait: it
    /// delivers these first, and accepts no new ones.
    /// </summary>
    public RetryLimits? Retries { get; init; }

    /// <summary>Returns true if messages of a type are requested.</summary>
    public bool Takes(string type)
    {
        for (var i = 0; i < Types.Count; i++)
        {
            if (string.Equals(Types[i], type, StringComparison.Ordinal))
                return true;
        }
        return Types.Count == 0;
    }
}
