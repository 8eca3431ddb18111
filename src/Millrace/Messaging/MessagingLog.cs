using Microsoft.Extensions.Logging;
using Millrace.Commands;
using Millrace.Events;
using Millrace.Messaging.Receiving;

namespace Millrace.Messaging;

/// <summary>The log messages about brokers: 9001 to 9999.</summary>
internal static partial class MessagingLog
{
    // Limits names that other services chose, because they may have any length.
    private const int MaxNameCharacters = 200;
    private const int MaxProblemCharacters = 1_000;

    [LoggerMessage(
        EventId = 9001,
        Level = LogLevel.Warning,
        Message = "Transport {Transport} is unavailable; it is retried with growing pauses, and no message is lost: "
            + "{Problem}"
    )]
    public static partial void Unavailable(ILogger logger, string transport, string problem);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Information, Message = "Transport {Transport} is available again.")]
    public static partial void Available(ILogger logger, string transport);

    [LoggerMessage(
        EventId = 9003,
        Level = LogLevel.Warning,
        Message = "Receiver {Receiver} failed (attempt {Attempt}) and restarts in {DelayMs} ms; unhandled messages "
            + "are not acknowledged."
    )]
    public static partial void ReceiverFailed(
        ILogger logger, string receiver, int attempt, double delayMs, Exception exception);

    [LoggerMessage(
        EventId = 9004, Level = LogLevel.Warning,
        Message = "Receiver {Receiver} could not handle the message {Type} {Id}: it is kept, and consumer {Consumer} "
            + "retries it. {Error}: {Problem}")]
    private static partial void Held(
        ILogger logger,
        string receiver,
        string type,
        string id,
        string consumer,
        string error,
        string problem,
        Exception? exception);

    [LoggerMessage(
        EventId = 9008, Level = LogLevel.Information,
        Message = "Receiver {Receiver} has handled the request {Type} {Id}, and drops its answer: it was not delivered "
            + "to {Destination}. {Problem}")]
    private static partial void Unanswered(
        ILogger logger, string receiver, string type, string id, string destination, string problem);

    [LoggerMessage(
        EventId = 9009, Level = LogLevel.Warning,
        Message = "Transport {Transport} could not declare {Destination}, the destination of requests. Requests are "
            + "sent anyway, and fail if it does not exist or does not accept them. {Problem}")]
    public static partial void NotDeclared(ILogger logger, string transport, string destination, string problem);

    [LoggerMessage(
        EventId = 9010, Level = LogLevel.Warning,
        Message = "Since the last such log entry, receiver {Receiver} has skipped {Count} messages that it cannot "
            + "read; the last is {Type} {Id}: {Problem}")]
    private static partial void Skipped(
        ILogger logger, string receiver, long count, string type, string id, string problem);

    [LoggerMessage(EventId = 9011, Level = LogLevel.Error, Message = "Receiver {Receiver} has stopped: {Problem}")]
    private static partial void ReceiverStopped(ILogger logger, string receiver, string problem);

    [LoggerMessage(
        EventId = 9012, Level = LogLevel.Warning,
        Message = "Receiver {Receiver} got the request {Type} {Id} from {Source} with plain values of members that "
            + "this service encrypts. Its sender does not know the marks, or publishes decrypted values. Later "
            + "requests of the type are not logged")]
    private static partial void PlainRequest(ILogger logger, string receiver, string type, string id, string source);

    /// <summary>Logs that a request has plain values. Truncates its names, because its sender chose them.</summary>
    public static void PlainRequest(ILogger logger, string receiver, Message request) =>
        PlainRequest(
            logger,
            receiver,
            Plain(request.Type, MaxNameCharacters),
            Plain(request.Id, MaxNameCharacters),
            Plain(request.Source, MaxNameCharacters));

    /// <summary>
    /// Logs that the receiver skipped messages. Truncates their names, because other services chose them.
    /// </summary>
    public static void Skipped(ILogger logger, string receiver, Message message, long count, string problem) =>
        Skipped(
            logger,
            receiver,
            count,
            Plain(message.Type, MaxNameCharacters),
            Plain(message.Id, MaxNameCharacters),
            Plain(problem, MaxProblemCharacters));

    /// <summary>Logs that a receiver has stopped at a message that it cannot read.</summary>
    public static void ReceiverStopped(ILogger logger, string receiver, Exception exception) =>
        ReceiverStopped(logger, receiver, Plain(exception.Message, MaxProblemCharacters));

    /// <summary>
    /// Logs that the receiver dropped an answer. Truncates texts, because the requesting service may try to fill or
    /// forge this log.
    /// </summary>
    public static void Unanswered(ILogger logger, string receiver, Message request, string destination, string problem)
    {
        var (id, target, reason) = (
            Plain(request.Id, MaxNameCharacters),
            Plain(destination, MaxNameCharacters),
            Plain(problem, MaxProblemCharacters));
        Unanswered(logger, receiver, request.Type, id, target, reason);
    }

    /// <summary>
    /// Logs that a message is kept in the event log. A domain refusal is logged without its stack, and any other error
    /// with it.
    /// </summary>
    public static void Held(ILogger logger, string receiver, Message message, string consumer, Exception exception)
    {
        var error = exception is InvariantViolatedException broken ? broken.Invariant : exception.GetType().Name;
        var fault = FaultOf(exception, message);
        Held(logger, receiver, message.Type, message.Id, consumer, error, ErrorTexts.Of(exception, message), fault);
    }

    /// <summary>Logs that a message waits at the broker.</summary>
    public static void PutOff(ILogger logger, string receiver, Delivery delivery, TimeSpan delay, Exception exception)
    {
        var error = exception is InvariantViolatedException broken ? broken.Invariant : exception.GetType().Name;
        var message = delivery.Message;
        PutOff(
            logger,
            receiver,
            message.Type,
            message.Id,
            delivery.Attempts + 1,
            delay.TotalMilliseconds,
            error,
            ErrorTexts.Of(exception, message),
            FaultOf(exception, message));
    }

    private static Exception? FaultOf(Exception exception, Message message) =>
        CommandRefusal.Is(exception) || ErrorTexts.IsOmitted(exception, message) ? null : exception;

    private static string Plain(string text, int maxCharacters) =>
        UntrustedText.OneLine(UntrustedText.Clip(text, maxCharacters));

    [LoggerMessage(
        EventId = 9005, Level = LogLevel.Warning,
        Message = "Receiver {Receiver} could not handle the message {Type} {Id} (attempt {Attempt}): it waits at the "
            + "broker, and is retried in {DelayMs} ms. {Error}: {Problem}")]
    private static partial void PutOff(
        ILogger logger,
        string receiver,
        string type,
        string id,
        int attempt,
        double delayMs,
        string error,
        string problem,
        Exception? exception);

    [LoggerMessage(
        EventId = 9006, Level = LogLevel.Warning, Message =
            "Receiver {Receiver} accepts no further messages: {Reason}")]
    public static partial void RetriesStalled(ILogger logger, string receiver, string reason);

    [LoggerMessage(EventId = 9007, Level = LogLevel.Information, Message =
        "Receiver {Receiver} accepts messages again.")]
    public static partial void RetriesGoOn(ILogger logger, string receiver);

    [LoggerMessage(
        EventId = 9020,
        Level = LogLevel.Information,
        Message = "{Bodies} expired bodies of messages were removed from {Store}.")]
    public static partial void BodiesRemoved(ILogger logger, int bodies, string store);

    [LoggerMessage(
        EventId = 9021,
        Level = LogLevel.Warning,
        Message = "Expired bodies of messages could not be removed from {Store}; the next attempt is in an hour."
    )]
    public static partial void BodiesNotRemoved(ILogger logger, string store, Exception exception);
}
