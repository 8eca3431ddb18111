namespace Millrace.Messaging;

/// <summary>The events that are published together. Each event has one or more destinations.</summary>
internal sealed class PublishRound
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>Gets the events in order, with the range of their messages.</summary>
    public List<(RecordedEvent Recorded, int First, int Count)> Events { get; } = [];

    public List<OutgoingMessage> Messages { get; } = [];

    public void Clear()
    {
        _keys.Clear();
        Events.Clear();
        Messages.Clear();
    }

    /// <summary>Returns true if the round has an event of the key.</summary>
    public bool Has(string key) => _keys.Contains(key);

    /// <summary>Adds a key. Returns false if the round already has an event of that key.</summary>
    public bool TryAddKey(string key) => _keys.Add(key);

    public void Add(RecordedEvent recorded, Message message, ReadOnlySpan<string> destinations, MessageFormat format)
    {
        Events.Add((recorded, Messages.Count, destinations.Length));
        foreach (var destination in destinations)
            Messages.Add(new OutgoingMessage(destination, message, format));
    }

    /// <summary>
    /// Returns the reason why an event is not published to all of its destinations; null if it is published.
    /// </summary>
    public MillraceException? FailureOf(int index, IReadOnlyList<PublishOutcome> outcomes, TransportRuntime transport)
    {
        var (_, first, count) = Events[index];
        for (var i = first; i < first + count; i++)
        {
            // If an adapter returns no outcome, the outcome is unknown.
            var outcome =
                i < outcomes.Count ? outcomes[i] : PublishOutcome.Unconfirmed("the transport gave no outcome.");
            if (FailureOf(Messages[i], outcome, transport) is { } failure)
                return failure;
        }
        return null;
    }

    /// <summary>Returns the reason why a message is not published; null if it is published.</summary>
    public static MillraceException? FailureOf(
        in OutgoingMessage outgoing, PublishOutcome outcome, TransportRuntime transport)
    {
        var name = transport.Name;
        var destination = outgoing.Destination;
        var type = outgoing.Message.Type;
        var problem = outcome.Problem ?? "no reason was given.";
        return outcome.Result switch
        {
            PublishResult.Unconfirmed => new TransportUnavailableException(name, problem),
            PublishResult.Refused => new MessageRefusedException(name, destination, type, problem),
            PublishResult.Unroutable when !transport.Options.AllowsUnroutable =>
                new MessageUnroutableException(name, destination, type, problem),
            _ => null,
        };
    }
}
