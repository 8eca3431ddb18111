using System.Diagnostics;
using Millrace.Protection;

namespace Millrace.Messaging.Requesting;

/// <summary>
/// Sends the answers to the requests that a receiver handles. A request names the destination of its answer. The
/// destination may be forbidden or may not exist, but this must not delay other requests.
/// </summary>
internal sealed class ReplySender(TransportRuntime transport, ReceiverBuilder receiver, TimeProvider time)
{
    private const int MaxAttempts = 3;
    private const int MaxTimeouts = 2;
    private const string NotAllowed =
        $"The destination is not allowed for answers: {nameof(TransportOptions)}.{nameof(TransportOptions.AnswersTo)} "
            + "lists the allowed ones.";

    // After the first attempt. Later pauses are longer, because a queue may be electing its leader.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ReplyDestinations _destinations = new(transport.Options.AnswersTo);

    /// <summary>
    /// Sends an answer if the request expects one. An answer that is forbidden or cannot be delivered is dropped.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="body">The body of the answer.</param>
    /// <param name="headers">The headers of a refusal; otherwise empty.</param>
    /// <param name="marks">The members of the body to encrypt; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="KeyStoreException">The key store cannot be used. The broker delivers the request
    /// again.</exception>
    /// <exception cref="TransportUnavailableException">The broker or the body store is unavailable. The broker delivers
    /// the request again until it expires.</exception>
    public async ValueTask Send(
        Message request,
        ReadOnlyMemory<byte> body,
        IReadOnlyDictionary<string, string> headers,
        MarkNode? marks,
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
        if (marks is not null && transport.EncryptsValues)
            reply = await Encrypt(request, reply, marks, cancellationToken).ConfigureAwait(false);
        var outgoing = new OutgoingMessage(destination, reply, transport.Options.Format);
        try
        {
            // Stores the body once and not for each attempt, because an unavailable body store affects all answers.
            outgoing = (await transport.StoreBody([outgoing], cancellationToken).ConfigureAwait(false))[0];
        }
        catch (TransportUnavailableException unavailable) when (!MayBeRedelivered(request))
        {
            transport.NoteUnanswered(receiver, request, destination, unavailable.Message);
            return;
        }
        if (await Deliver(outgoing, cancellationToken).ConfigureAwait(false) is { } problem)
            transport.NoteUnanswered(receiver, request, destination, problem);
    }

    /// <summary>
    /// Returns the answer with encrypted values. An answer that cannot be encrypted becomes a refusal that is not
    /// settled, because the effect may be committed.
    /// </summary>
    private async ValueTask<Message> Encrypt(
        Message request, Message reply, MarkNode marks, CancellationToken cancellationToken)
    {
        try
        {
            return await MessageProtection
                .Encrypt(transport.Protection, reply, marks, request.Type, refusesErased: false, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ProtectedValueException refusal)
        {
            return reply with
            {
                Body = RequestMessageFormat.WriteProblem(refusal.Message),
                Headers = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [RequestMessageFormat.Refused] = nameof(ProtectedValueException),
                },
            };
        }
    }

    /// <summary>
    /// Returns true if the broker may deliver a request again so that its answer can be sent. This requires an expiry,
    /// after which the request is skipped. Without an expiry, the request could block all others for as long as the
    /// body store refuses its answer.
    /// </summary>
    private bool MayBeRedelivered(Message request) =>
        (RequestMessageFormat.ExpiryOf(request) ?? request.Time + Requests.MaxTimeout) > time.GetUtcNow();

    /// <summary>
    /// Publishes an answer. Returns the reason why it cannot be delivered; null if it was delivered. If the broker is
    /// available but refuses an answer, the cause is the destination, so there are only a few attempts. Up to two
    /// attempts may time out, because the broker may have become available only after the first timeout.
    /// </summary>
    private async ValueTask<string?> Deliver(OutgoingMessage answer, CancellationToken cancellationToken)
    {
        var timeouts = 0;
        for (var attempt = 1; ; attempt++)
        {
            var startedAt = time.GetTimestamp();
            var failure = await TryPublish(answer, cancellationToken).ConfigureAwait(false);
            if (failure is not TransportUnavailableException)
                return failure?.Message;
            timeouts += time.GetElapsedTime(startedAt) >= transport.Options.ConfirmTimeout ? 1 : 0;
            // Throws if the broker is unavailable for all answers.
            await transport.Check(cancellationToken).ConfigureAwait(false);
            if (attempt == MaxAttempts || timeouts == MaxTimeouts)
                return failure.Message;
            await Task.Delay(Pause * attempt, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<MillraceException?> TryPublish(OutgoingMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var outcomes = await transport.Publish([answer], cancellationToken).ConfigureAwait(false);
            return PublishRound.FailureOf(answer, outcomes.Count > 0 ? outcomes[0] : default, transport);
        }
        catch (TransportUnavailableException unavailable)
        {
            return unavailable;
        }
    }
}
