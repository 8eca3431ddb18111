using System.Diagnostics;

namespace Millrace.Messaging;

/// <summary>
/// Sends what came of the requests of a receiver to who asked. Where to, the request says: it may name a place that is
/// for no answers, and nobody may be there any more, or never was. Neither must hold up another request.
/// </summary>
internal sealed class ReplySender(TransportRuntime transport, ReceiverBuilder receiver, TimeProvider time)
{
    private const int Attempts = 3;
    private const int RepeatedReplyAttempts = 2;
    private const string NotAllowed =
        $"Requests may have no answers there: {nameof(TransportOptions)}.{nameof(TransportOptions.AnswersTo)} says "
            + "where they may.";

    // Longer each time: a queue may be choosing its leader.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ReplyDestinations _destinations = new(transport.Options.AnswersTo);

    /// <summary>Sends an answer, if somebody waits. One that may not go there or cannot be delivered is dropped: it is
    /// of no use.</summary>
    /// <exception cref="TransportUnavailableException">
    /// The broker is away, or where bodies lie: the request comes again, for as long as it may.
    /// </exception>
    public async ValueTask Send(
        Message request,
        ReadOnlyMemory<byte> body,
        IReadOnlyDictionary<string, string> headers,
        CancellationToken cancellationToken)
    {
        if (!request.Headers.TryGetValue(RequestMessageFormat.ReplyTo, out var destination)
            || !request.Headers.TryGetValue(RequestMessageFormat.ReplyType, out var type))
        {
            return;
        }
        if (!_destinations.Allows(destination))
        {
            transport.NoteUnanswered(receiver, request, destination, NotAllowed);
            return;
        }
        var reply = new Message
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString(),
            Type = type,
            Source = EventMessage.SourceOf(transport.Options.Source),
            Time = time.GetUtcNow(),
            CorrelationId = request.CorrelationId,
            CausationId = request.Id,
            TraceParent = Activity.Current?.Id,
            Headers = headers,
            Body = body,
        };
        var outgoing = new OutgoingMessage(destination, reply, transport.Options.Format);
        try
        {
            // First, and not with each try: where bodies lie is away for all, and no fault of where this answer goes.
            outgoing = (await transport.StoreBody([outgoing], cancellationToken).ConfigureAwait(false))[0];
        }
        catch (TransportUnavailableException away) when (!MayComeAgain(request))
        {
            transport.NoteUnanswered(receiver, request, destination, away.Message);
            return;
        }
        if (await ProblemOf(outgoing, cancellationToken).ConfigureAwait(false) is { } problem)
            transport.NoteUnanswered(receiver, request, destination, problem);
    }

    /// <summary>
    /// Whether a request may come again for want of its answer. One that says until when is passed over by then; one
    /// that does not would hold up all others for as long as where bodies lie refuses its answer.
    /// </summary>
    private bool MayComeAgain(Message request) =>
        (RequestMessageFormat.ExpiryOf(request) ?? request.Time + Requests.MaxTimeout) > time.GetUtcNow();

    /// <summary>
    /// Why an answer cannot be delivered; null when it was. What the broker does not take over is tried a few times:
    /// where it answers otherwise, the fault is the destination's, and would be for ever. One that took as long as it
    /// may is not the last: the broker may have been away for as long, and have come back just before it was asked.
    /// </summary>
    private async ValueTask<string?> ProblemOf(OutgoingMessage answer, CancellationToken cancellationToken)
    {
        var late = 0;
        for (var attempt = 1; ; attempt++)
        {
            var begun = time.GetTimestamp();
            var failure = await FailureOf(answer, cancellationToken).ConfigureAwait(false);
            if (failure is not TransportUnavailableException)
                return failure?.Message;
            late += time.GetElapsedTime(begun) >= transport.Options.ConfirmTimeout ? 1 : 0;
            await transport.Check(cancellationToken).ConfigureAwait(false); // Throws when the broker is away, for all.
            if (attempt == Attempts || late == RepeatedReplyAttempts)
                return failure.Message;
            await Task.Delay(Pause * attempt, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<MillraceException?> FailureOf(OutgoingMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var outcomes = await transport.Publish([answer], cancellationToken).ConfigureAwait(false);
            return PublishRound.FailureOf(answer, outcomes.Count > 0 ? outcomes[0] : default, transport);
        }
        catch (TransportUnavailableException away)
        {
            return away;
        }
    }
}
