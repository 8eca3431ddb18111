namespace Millrace.Messaging;

/// <summary>
/// How a transport is used. From the configuration section <c>Millrace:Messaging:{transport}</c>, which comes after the
/// application's own code and wins. Its children <c>Publish:{destination}</c> add routes: the stored names of event
/// types, parted by commas, or <c>*</c>.
/// </summary>
public sealed class TransportOptions
{
    /// <summary>
    /// How long a batch may take until the broker has confirmed it, the connection included; from 100 milliseconds to 5
    /// minutes, 10 seconds by default. Then it is published again.
    /// </summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most messages published at once; from 1 to 10,000, 1,000 by default.</summary>
    public int BatchMessages { get; set; } = 1_000;

    /// <summary>How messages are written; binary by default.</summary>
    public MessageFormat Format { get; set; }

    /// <summary>
    /// What messages of events name as their source when the event names none; none by default, and then it is
    /// <see cref="CloudEventNames.NoSource"/>.
    /// </summary>
    public string? Source { get; set; }

    /// <summary>
    /// Bodies of more bytes than this do not go over the broker: they are put away, in the database of the store or in
    /// the folder of <see cref="MessageBodyOptions"/>, and the message has a reference to its body, which receivers
    /// bring back. From 0; none by default, and then every body goes with its message.
    /// </summary>
    public long? ClaimCheckAbove { get; set; }

    /// <summary>
    /// Whether a message that reaches nobody counts as published; false by default: then it is tried again, and parked
    /// as a dead letter.
    /// </summary>
    public bool AllowsUnroutable { get; set; }

    /// <summary>
    /// Whether later messages of a key are sent before the first is confirmed; false by default. True is faster where
    /// there are few keys, and a message that the broker refuses may then be overtaken by a later one of its key.
    /// Brokers that stop at a failure do it always.
    /// </summary>
    public bool OverlapsKeys { get; set; }

    /// <summary>
    /// Whether a publisher that has never run begins with the events appended from then on; false by default: it begins
    /// with the first event of the log.
    /// </summary>
    public bool BeginsAtEnd { get; set; }

    /// <summary>
    /// The most messages that a receiver has in hand; from 1 to 10,000, 1,000 by default. A quarter is taken at a time,
    /// while those before are handled and committed: fewer take less memory where bodies are large, and are slower.
    /// </summary>
    public int Prefetch { get; set; } = 1_000;

    /// <summary>
    /// How long a receiver knows a message again that it has handled; from 1 minute to 400 days, 7 days by default.
    /// Longer than any broker or sender may take to send it again.
    /// </summary>
    public TimeSpan InboxWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Whether a receiver passes over messages of types that it has no handler for; false by default: then they are
    /// parked as dead letters. Only brokers that route by type, as RabbitMQ, leave this to it: over Kafka and Redis
    /// they are passed over in any case.
    /// </summary>
    public bool IgnoresUnknown { get; set; }

    /// <summary>
    /// Where answers to requests may go beside <c>millrace.replies</c>, where Millrace's own requests have theirs:
    /// names of destinations, or how they begin and a <c>*</c>, as <c>crm.replies-*</c>; none by default, and in the
    /// configuration parted by commas. A request says where it wants its answer: whoever can send one would have it
    /// written to any destination, also to one whose messages are acted on. What is asked is done in any case; an
    /// answer that may not go where it is wanted is dropped and counted.
    /// </summary>
    public IReadOnlyList<string> AnswersTo { get; set; } = [];

    internal List<PublishRoute> Routes { get; } = [];

    internal IEnumerable<string> Problems()
    {
        if (ConfirmTimeout < TimeSpan.FromMilliseconds(100) || ConfirmTimeout > TimeSpan.FromMinutes(5))
            yield return $"{nameof(ConfirmTimeout)}: must be from 00:00:00.1 to 00:05:00, but is {ConfirmTimeout}.";
        if (BatchMessages is < 1 or > 10_000)
            yield return $"{nameof(BatchMessages)}: must be from 1 to 10,000, but is {BatchMessages:N0}.";
        if (Prefetch is < 1 or > 10_000)
            yield return $"{nameof(Prefetch)}: must be from 1 to 10,000, but is {Prefetch:N0}.";
        if (InboxWindow < TimeSpan.FromMinutes(1) || InboxWindow > TimeSpan.FromDays(400))
            yield return $"{nameof(InboxWindow)}: must be from 00:01:00 to 400.00:00:00, but is {InboxWindow}.";
        if (ClaimCheckAbove < 0)
            yield return $"{nameof(ClaimCheckAbove)}: must be 0 or more, but is {ClaimCheckAbove:N0}.";
        if (!Enum.IsDefined(Format))
            yield return $"{nameof(Format)}: must be {nameof(MessageFormat.Binary)} or "
                + $"{nameof(MessageFormat.Structured)}.";
        if (Source is { Length: 0 or > 256 })
            yield return $"{nameof(Source)}: must have 1 to 256 characters.";
        foreach (var other in AnswersTo.Where(static other => !ReplyDestinations.CanBe(other)))
        {
            yield return $"{nameof(AnswersTo)}: must be names of destinations, or how they begin and a '*', but one "
                + $"is '{other}'. "
                + "They have 1 to 200 ASCII letters, digits, '.', '-' and '_'.";
        }
    }
}
