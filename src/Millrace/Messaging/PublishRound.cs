namespace Millrace.Messaging;

/// <summary>Events that are published at once, each to one or several destinations.</summary>
internal sealed class PublishRound
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>The events, in order, and which of the messages are theirs.</summary>
    public List<(RecordedEvent Recorded, int First, int Count)> Events { get; } = [];

    public List<OutgoingMessage> Messages { get; } = [];

    public void Clear()
    {
        _keys.Clear();
        Events.Clear();
        Messages.Clear();
    }

    /// <summary>Whether an event of the key was taken into the wave.</summary>
    public bool Has(string key) => _keys.Contains(key);

    /// <summary>False when an event of the key is in the wave.</summary>
    public bool TryTakeKey(string key) => _keys.Add(key);

    public void Add(RecordedEvent recorded, Message message, ReadOnlySpan<string> destinations, MessageFormat format)
    {
        Events.Add((recorded, Messages.Count, destinations.Length));
        foreach (var destination in destinations)
            Messages.Add(new OutgoingMessage(destination, message, format));
    }

    /// <summary>Why an event is not published to all of its destinations; null when it is.</summary>
    public MillraceException? FailureOf(int index, IReadOnlyList<PublishOutcome> outcomes, TransportRuntime transport)
    {
        var (_, first, count) = Events[index];
        for (var i = first; i < first + count; i++)
        {
            // An adapter that says too little is taken to have said nothing.
            var outcome =
                i < outcomes.Count ? outcomes[i] : PublishOutcome.Unconfirmed("the transport gave no outcome.");
            if (FailureOf(Messages[i], outcome, transport) is { } failure)
                return failure;
        }
        return null;
    }

    /// <summary>Why a message is not published; null when it is.</summary>
    public static MillraceException? FailureOf(
        in OutgoingMessage outgoing, PublishOutcome outcome, TransportRuntime transport)
    {
        var (name, destination, type) = (transport.Name, outgoing.Destination, outgoing.Message.Type);
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
