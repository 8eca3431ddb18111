namespace Millrace.Messaging;

/// <summary>What a receiver asks a broker for. Receivers with the same name share its messages.</summary>
/// <param name="Name">Its stable name: of the queue or the group.</param>
/// <param name="Destination">Where the messages are published to.</param>
public sealed record Subscription(string Name, string Destination)
{
    /// <summary>The types of messages that are asked for; empty, which is the default, for all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>The most deliveries that a receiver has in hand before it acknowledges some; 250 by default.</summary>
    public int Prefetch { get; init; } = 250;

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
