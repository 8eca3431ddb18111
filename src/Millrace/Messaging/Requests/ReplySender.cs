using System.Diagnostics;

namespace Millrace.Messaging;

/// <summary>
/// Sends the answers of a receiver's requests. A request names the destination of its answer, which may be forbidden or
/// may not exist any more. Neither case may delay other requests.
/// </summary>
internal sealed class ReplySender(TransportRuntime transport, ReceiverBuilder receiver, TimeProvider time)
{
    private const int Attempts = 3;
    private const int RepeatedReplyAttempts = 2;
    private const string NotAllowed =
        $"The destination is not allowed for answers: {nameof(TransportOptions)}.{nameof(TransportOptions.AnswersTo)} "
            + "lists the allowed ones.";

    // Doubled each time: a queue may be electing its leader.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ReplyDestinations _destinations = new(transport.Options.AnswersTo);

    /// <summary>
    /// Sends an answer if the request expects one. An answer that is forbidden or cannot be delivered is dropped.
    /// </summary>
    /// <exception cref="TransportUnavailableException">The broker or the body store is unavailable: the request is
    /// delivered again until it expires.</exception>
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
            // First, and not for each attempt: an unavailable body store affects all answers, whatever their
            // destination.
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
    /// Returns true if a request may be delivered again for its answer. A request with an expiry is skipped after it. A
    /// request without one could block all others for as long as the body store refuses its answer.
    /// </summary>
    private bool MayComeAgain(Message request) =>
        (RequestMessageFormat.ExpiryOf(request) ?? request.Time + Requests.MaxTimeout) > time.GetUtcNow();

    /// <summary>
    /// Returns why an answer cannot be delivered; null if it was. If the broker is available but refuses an answer, the
    /// destination is at fault, possibly for ever, so there are only a few attempts. An attempt that timed out is never
    /// the last: the broker may have been unavailable and have returned just before the check.
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
            // Throws if the broker is unavailable for all answers.
            await transport.Check(cancellationToken).ConfigureAwait(false);
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
