using Millrace.Messaging.Requesting;

namespace Millrace.Messaging;

/// <summary>
/// Options for a transport. The configuration section <c>Millrace:Messaging:{transport}</c> overrides the application's
/// code. Its children <c>Publish:{destination}</c> add routes. Their values are the stored names of event types,
/// separated by commas, or <c>*</c>.
/// </summary>
public sealed class TransportOptions
{
    /// <summary>
    /// Gets or sets the maximum time until the broker has confirmed a batch, including the connection; from 100
    /// milliseconds to 5 minutes, 10 seconds by default. After this time the batch is published again.
    /// </summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the maximum number of messages in a batch to publish; from 1 to 10,000, 1,000 by default.
    /// </summary>
    public int BatchMessages { get; set; } = 1_000;

    /// <summary>Gets or sets the format of messages; binary by default.</summary>
    public MessageFormat Format { get; set; }

    /// <summary>
    /// Gets or sets the source of messages whose event has none. The default is null, which means
    /// <see cref="CloudEventNames.NoSource"/>.
    /// </summary>
    public string? Source { get; set; }

    /// <summary>
    /// Gets or sets the maximum size in bytes of a body that is sent over the broker. A larger body is stored in the
    /// database of the store or in the folder of <see cref="MessageBodyOptions"/>, and the message has a reference from
    /// which receivers load it. From 0. The default is null, so that every body is sent with its message.
    /// </summary>
    public long? ClaimCheckAbove { get; set; }

    /// <summary>
    /// True to publish the marked values of events decrypted, for receivers without the keys. False by default, so that
    /// they are encrypted at the broker too, and an erasure makes them unreadable there.
    /// </summary>
    public bool PublishesDecrypted { get; set; }

    /// <summary>
    /// True if a message that reaches no receiver is treated as published. False by default, so that it is retried, and
    /// then parked as a dead letter.
    /// </summary>
    public bool AllowsUnroutable { get; set; }

    /// <summary>
    /// True to send later messages of a key before the first one is confirmed; false by default. True is faster with
    /// few keys, but a message that the broker refuses may be overtaken by a later one of its key. Brokers that stop at
    /// a failure always use true.
    /// </summary>
    public bool OverlapsKeys { get; set; }

    /// <summary>
    /// True if a publisher that has never run starts with the events that are appended after its start. False by
    /// default, so that it starts with the first event of the log.
    /// </summary>
    public bool BeginsAtEnd { get; set; }

    /// <summary>
    /// Gets or sets the maximum number of messages that a receiver has in flight; from 1 to 10,000, 1,000 by default.
    /// The receiver accepts a quarter at a time, while it handles and commits earlier ones. A lower number needs less
    /// memory for large bodies, but is slower.
    /// </summary>
    public int Prefetch { get; set; } = 1_000;

    /// <summary>
    /// Gets or sets the time for which a receiver remembers a message that it has handled; from 1 minute to 400 days, 7
    /// days by default. It must exceed the time within which a broker or sender may send the message again.
    /// </summary>
    public TimeSpan InboxWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// True if a receiver skips messages of types without a handler. False by default, so that they are parked as dead
    /// letters. The option applies only to brokers that route by type, such as RabbitMQ. Kafka and Redis always skip
    /// such messages.
    /// </summary>
    public bool IgnoresUnknown { get; set; }

    /// <summary>
    /// Gets or sets the destinations to which receivers may send answers, in addition to <c>millrace.replies</c>, which
    /// Millrace's own requests use. A value is a name, or a prefix with a <c>*</c>, such as <c>crm.replies-*</c>. None
    /// by default; separated by commas in the configuration. A request names the destination of its answer. Without
    /// this list, any client could cause an answer to be written to any destination. The receiver handles the request
    /// in any case, but drops and counts an answer to a destination that is not allowed.
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
        foreach (var other in AnswersTo.Where(static other => !ReplyDestinations.IsValid(other)))
        {
            yield return $"{nameof(AnswersTo)}: must be names of destinations, or prefixes with a '*', but one is "
                + $"'{other}'. They have 1 to 200 ASCII letters, digits, '.', '-' and '_'.";
        }
    }
}
