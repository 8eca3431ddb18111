namespace Millrace.Messaging;

/// <summary>
/// The messages that a receiver requests from a broker. Receivers with the same name share the messages.
/// </summary>
/// <param name="Name">The stable name of the queue or group.</param>
/// <param name="Destination">The destination to which the messages are published.</param>
public sealed record Subscription(string Name, string Destination)
{
    /// <summary>
    /// Gets the types of messages to receive. If empty, which is the default, the receiver receives all types.
    /// </summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>Gets the maximum number of deliveries that are in flight at a time; 1,000 by default.</summary>
    public int Prefetch { get; init; } = 1_000;

    /// <summary>
    /// Gets the time for which messages are useful. If null, which is the default, they are useful until they are
    /// acknowledged. If no receiver is active for this time, the broker may remove the subscription and its messages.
    /// The messages do not have to survive a broker restart. The transport declares the subscription again before it
    /// uses it.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>
    /// Gets the limits for messages that wait at the broker for a retry. If null, which is the default, they wait in
    /// the store. Limits are possible only if <see cref="ITransport.KeepsRetries"/> is true. The receiver is then an
    /// <see cref="IRetryingReceiver"/>. Without limits, the receiver is an <see cref="IRetryingReceiver"/> only while
    /// messages of an earlier configuration still wait at the broker. It delivers these first, and accepts no new ones.
    /// </summary>
    public RetryLimits? Retries { get; init; }

    /// <summary>Returns true if the subscription includes messages of a type.</summary>
    public bool Includes(string type)
    {
        for (var i = 0; i < Types.Count; i++)
        {
            if (string.Equals(Types[i], type, StringComparison.Ordinal))
                return true;
        }
        return Types.Count == 0;
    }
}
