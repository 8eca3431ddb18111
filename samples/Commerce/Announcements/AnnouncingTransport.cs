using System.Text.Json;
using Millrace.Messaging;

namespace Commerce.Announcements;

/// <summary>
/// A transport that publishes events in their announced form. The publisher follows the log as usual. The form is
/// applied when a message is sent, so nothing extra is stored and all events can be published again.
/// </summary>
/// <param name="broker">The broker's transport; disposed with this instance.</param>
/// <param name="announcements">The form of each event.</param>
internal sealed class AnnouncingTransport(ITransport broker, IEnumerable<Announcement> announcements) : ITransport
{
    private readonly Dictionary<string, Announcement> _announcements =
        announcements.ToDictionary(announcement => announcement.Event, StringComparer.Ordinal);

    public string System => broker.System;

    public bool StopsAtFailure => broker.StopsAtFailure;

    public long MaxBodyBytes => broker.MaxBodyBytes;

    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken) =>
        broker.Declare(topology, cancellationToken);

    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var outcomes = new PublishOutcome[messages.Count];
        var (announcedMessages, indexes) = (new List<OutgoingMessage>(messages.Count), new List<int>(messages.Count));
        for (var i = 0; i < messages.Count; i++)
        {
            if (TryAnnounce(messages[i], out outcomes[i]) is not { } announced)
                continue;
            announcedMessages.Add(announced);
            indexes.Add(i);
        }
        if (announcedMessages.Count == 0)
            return outcomes;
        var brokerOutcomes = await broker.Publish(announcedMessages, cancellationToken);
        for (var i = 0; i < indexes.Count; i++)
            outcomes[indexes[i]] = i < brokerOutcomes.Count ? brokerOutcomes[i] : default;
        return outcomes;
    }

    public ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken) =>
        broker.Receive(subscription, cancellationToken);

    public ValueTask Check(CancellationToken cancellationToken) => broker.Check(cancellationToken);

    public ValueTask DisposeAsync() => broker.DisposeAsync();

    /// <summary>Returns the announced form, or null when the outcome is known without the broker.</summary>
    private OutgoingMessage? TryAnnounce(OutgoingMessage message, out PublishOutcome outcome)
    {
        outcome = PublishOutcome.Confirmed; // For an event that is not announced.
        if (!_announcements.TryGetValue(message.Message.Type, out var announcement))
            return message; // The configuration has a route for the message, which is published unchanged.
        try
        {
            return announcement.Of(message.Message) is { } announced ? message with { Message = announced } : null;
        }
        catch (JsonException exception)
        {
            outcome = PublishOutcome.Refused(
                $"it cannot be announced, because it is not written as JSON: {exception.Message}");
            return null;
        }
    }
}
