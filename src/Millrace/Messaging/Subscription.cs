namespace Millrace.Messaging;

/// <summary>What a receiver asks a broker for. Receivers with the same name share its messages.</summary>
/// <param name="Name">Its stable name: of the queue or the group.</param>
/// <param name="Destination">Where the messages are published to.</param>
public sealed record Subscription(string Name, string Destination)
{
    /// <summary>The types of messages that are asked for; empty, which is the default, for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>The most deliveries that a receiver has in hand before it acknowledges some; 1,000 by
    /// default.</summary>
    public int Prefetch { get; init; } = 1_000;

    /// <summary>
    /// How long what it holds is of use; null, which is the default, until it is acknowledged. A subscription that
    /// nobody receives for so long may be removed with what it holds, and its messages need not outlive the broker. It
    /// is declared again before it is used.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>
    /// How many messages may wait at the broker to be tried again; null, which is the default, when they wait in the
    /// store. Asked for only where <see cref="ITransport.KeepsRetries"/> says so; the receiver is then an
    /// <see cref="IRetryingReceiver"/>. Without it a receiver is one only while messages wait that were kept when it
    /// was asked for: it delivers them first, and is given none to keep.
    /// </summary>
    public RetryLimits? Retries { get; init; }

    /// <summary>Whether a message of a type is asked for.</summary>
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
