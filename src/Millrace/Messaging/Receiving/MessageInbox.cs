using System.Collections.Frozen;
using System.Diagnostics;
using Millrace.Consuming.Retries;
using Millrace.Events;
using Millrace.Messaging.Requesting;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// Handles each message of a receiver once, by committing an inbox entry together with the message's effect.
/// </summary>
internal sealed class MessageInbox
{
    private readonly ReceiverBuilder _receiver;
    private readonly TransportRuntime _transport;
    private readonly EventStore _store;
    private readonly IServiceProvider _services;
    private readonly string _scope;
    private readonly string _heldScope;
    private readonly StreamId _streamForReading; // Messages are read as events of this stream.
    private readonly RequestResponder _responder;
    private readonly ReceiverCounts _counts;

    public MessageInbox(
        ReceiverBuilder receiver,
        TransportRuntime transport,
        EventStore store,
        IRequestCatalog model,
        IServiceProvider services,
        ConsumerOptions options,
        IReadOnlyDictionary<string, FailurePolicy> policies)
    {
        _receiver = receiver;
        _transport = transport;
        _store = store;
        _services = services;
        _counts = transport.CountsOf(receiver.Name);
        Consumer = ConsumerOf(receiver.Name);
        _scope = Consumer;
        _heldScope = $"held.{receiver.Name}";
        Rules = new FailureRules(
            FailurePolicy.For(Consumer, policies, HeldPolicy), isPure: false, options, Random.Shared, store.Time)
        {
            HasEncryptedValues = store.HasEncryptedValues,
        };
        _streamForReading = new StreamId(HeldMessage.PrefixOf(receiver.Name));
        _responder = new RequestResponder(receiver, transport, model, services, store.Time);
        var names = new HashSet<string>(_responder.Names, StringComparer.Ordinal);
        foreach (var type in receiver.Routes.Keys)
            names.UnionWith(store.Types.StoredNamesOf(type));
        Subscription = new Subscription(receiver.Name, receiver.Destination)
        {
            Types = [.. names.Order(StringComparer.Ordinal)],
            Prefetch = transport.Options.Prefetch,
            Retries = receiver.KeepsRetries ? new RetryLimits(options.MaxWaitingPerKey, options.MaxDeadLetters) : null,
        };
    }

    /// <summary>Gets the name of the consumer that retries messages that could not be handled.</summary>
    public string Consumer { get; }

    public Subscription Subscription { get; }

    public TransportRuntime Transport => _transport;

    /// <summary>Gets the failure rules of the consumer.</summary>
    public FailureRules Rules { get; }

    /// <summary>Gets or sets the reporter of failures, which is set when the consumer is created.</summary>
    public FailureReporter? Reports { get; set; }

    private static FailurePolicy HeldPolicy { get; } =
        FailurePolicy.Default.Permanent<MessageUnreadableException>().Permanent<MessageBodyException>();

    private MessagingMetrics Metrics => _transport.Metrics;

    /// <summary>Returns the name of the consumer of a receiver.</summary>
    public static string ConsumerOf(string receiver) => $"receive.{receiver}";

    /// <summary>Returns the consumer that retries held messages, with dead letters and order as usual.</summary>
    public ConsumerDefinition HeldConsumer() =>
        ConsumerDefinition
            .Each(
                Consumer,
                new() { Types = [PlatformEvents.MessageHeld], StreamPrefix = HeldMessage.PrefixOf(_receiver.Name) },
                HandleHeld)
            .OnFailure(static _ => HeldPolicy);

    /// <summary>
    /// Skips a tombstone without a handler, and an unreadable message if the receiver's rule is to skip it. Such
    /// messages are skipped even if earlier messages of the key wait. Returns false for every other delivery.
    /// </summary>
    public bool TrySkip(Delivery delivery)
    {
        if (delivery.IsTombstone)
            return _receiver.TombstoneRoute is null && SkipTombstone();
        if (_receiver.Unreadable != UnreadableMessages.Skip)
            return false;
        var problem =
            delivery.Problem ?? (Subscription.Includes(delivery.Message.Type) ? null : NoHandlerFor(delivery.Message));
        if (problem is not null)
            Skip(delivery.Message, problem);
        return problem is not null;
    }

    /// <summary>
    /// Returns the error with which the receiver stops at a message, or null if the receiver does not stop.
    /// </summary>
    public ReceiverStoppedException? StopsFor(Exception exception) =>
        _receiver.Unreadable == UnreadableMessages.Stop && exception is MessageUnreadableException unreadable
            ? new(unreadable)
            : null;

    /// <summary>Records that the receiver has stopped.</summary>
    public void Stopped(ReceiverStoppedException exception)
    {
        _counts.Stopped(exception.Message);
        Reports?.Stalled(exception.Message);
    }

    /// <summary>Handles a message, unless it was handled before, and commits its effect.</summary>
    public async ValueTask Handle(Delivery delivery, CancellationToken cancellationToken)
    {
        if (await Prepare(delivery, cancellationToken).ConfigureAwait(false) is { } request)
            await Commit(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Handles a message, unless it was handled before. Returns the writes of the handler and the inbox entry as a
    /// request that the caller commits. Returns null if nothing must be committed.
    /// </summary>
    public async ValueTask<CommitRequest?> Prepare(Delivery delivery, CancellationToken cancellationToken)
    {
        var (message, mayBeRepeated) = (delivery.Message, delivery.MayBeRepeated);
        var startedAt = _store.Time.GetTimestamp();
        using var span = StartSpan(message);
        try
        {
            if (delivery.Problem is { } problem && !delivery.IsTombstone)
                throw new MessageUnreadableException(_receiver.Name, message.Id, problem);
            var request = delivery.IsTombstone
                ? await PrepareTombstone(message, mayBeRepeated, cancellationToken).ConfigureAwait(false)
                : await PrepareMessage(message, mayBeRepeated, cancellationToken).ConfigureAwait(false);
            Metrics.Processed(_transport, Subscription, _store.Time.GetElapsedTime(startedAt), null);
            return request;
        }
        catch (MessageUnreadableException unreadable) when (_receiver.Unreadable == UnreadableMessages.Skip)
        {
            Metrics.Processed(_transport, Subscription, _store.Time.GetElapsedTime(startedAt), null);
            Skip(message, unreadable.Problem);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            span?.SetStatus(ActivityStatusCode.Error, ErrorTexts.Of(exception, message));
            Metrics.Processed(_transport, Subscription, _store.Time.GetElapsedTime(startedAt), exception);
            throw;
        }
    }

    private async ValueTask<CommitRequest?> PrepareMessage(
        Message message, bool mayBeRepeated, CancellationToken cancellationToken)
    {
        var hasEncryptedValues = MessageProtection.HasEncryptedValues(message);
        if (_responder.Answers(message.Type))
        {
            await _responder.Answer(message, _receiver.Name, cancellationToken).ConfigureAwait(false);
            return null;
        }
        message = await _transport.LoadBody(message, refusesErased: false, cancellationToken).ConfigureAwait(false);
        var parts = Read(message, hasEncryptedValues).Parts();
        for (var i = 0; i < parts.Count; i++)
        {
            var id = new InboxId(_receiver.Name, message, i);
            if (mayBeRepeated && await WasHandled(id, cancellationToken).ConfigureAwait(false))
            {
                Metrics.WasDuplicate(_transport, Subscription);
                continue;
            }
            var request = await PreparePart(parts[i].Data, message, id, cancellationToken).ConfigureAwait(false);
            if (i == parts.Count - 1)
                return request;
            if (request is not null)
                await Commit(request, cancellationToken).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>
    /// Commits the effect of a message, and throws if the store refuses the commit. Ignores a message that was handled
    /// before.
    /// </summary>
    public async ValueTask Commit(CommitRequest request, CancellationToken cancellationToken) =>
        CountDuplicate(await _store.Commit(request, isBackground: false, cancellationToken).ConfigureAwait(false));

    /// <summary>Commits the effects of several messages independently.</summary>
    public async ValueTask<CommitResponse[]> CommitAll(
        IReadOnlyList<CommitRequest> requests, CancellationToken cancellationToken)
    {
        var responses = await _store.TryCommitAll(requests, cancellationToken).ConfigureAwait(false);
        foreach (var response in responses)
            CountDuplicate(response.Outcome);
        return responses;
    }

    /// <summary>
    /// Records the messages that the receiver accepted. They are in flight until the caller disposes the returned
    /// value.
    /// </summary>
    public MessagingMetrics.InFlightMessages RecordReceived(IReadOnlyList<Delivery> deliveries) =>
        Metrics.Received(_transport, Subscription, deliveries, _store.Time.GetUtcNow());

    /// <summary>Holds a message in the log, once. Returns its stream, and an upper bound of its position.</summary>
    /// <param name="delivery">The message.</param>
    /// <param name="attempts">The number of failed attempts at the broker. Later attempts add to this number.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<(StreamId Stream, long Position)> Hold(
        Delivery delivery, int attempts, CancellationToken cancellationToken)
    {
        var message = delivery.Message;
        var stream = HeldMessage.StreamOf(_receiver.Name, message);
        var payload = HeldMessage.Write(message, delivery.Problem, attempts, delivery.IsTombstone);
        if (payload.Length > MaxHeldBytes)
            payload = await WriteSeparately(delivery, attempts, cancellationToken).ConfigureAwait(false);
        var held = NewEvent.FromBytes(PlatformEvents.MessageHeld, payload);
        var request = EffectOf(message).To(stream, ExpectedVersion.Any, held);
        request.With(MarkOf(_heldScope, new InboxId(_receiver.Name, message)));
        var outcome = await _store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Result == CommitResult.Committed)
            Metrics.Held(_transport, Subscription);
        return outcome.Refusal is null ? (stream, outcome.Position) : throw outcome.Refusal;
    }

    private int MaxHeldBytes => _store.Options.Limits.MaxPayloadBytes;

    /// <summary>
    /// Writes a message that is larger than an event. Stores the body in the body store. If there is no body store, or
    /// if the headers are too large as well, writes a description of the content instead of the content.
    /// </summary>
    private async ValueTask<ReadOnlyMemory<byte>> WriteSeparately(
        Delivery delivery, int attempts, CancellationToken cancellationToken)
    {
        var (message, problem) = (delivery.Message, delivery.Problem);
        if (_transport.Bodies is { } bodies && !message.Body.IsEmpty)
        {
            var withoutBody = await bodies.StoreBody(_transport, message, cancellationToken).ConfigureAwait(false);
            var payload = HeldMessage.Write(withoutBody, problem, attempts);
            if (payload.Length <= MaxHeldBytes)
                return payload;
        }
        return HeldMessage.Write(
            message with { Body = default, Headers = FrozenDictionary<string, string>.Empty },
            HeldMessage.TruncationReason(message, problem, MaxHeldBytes),
            attempts,
            delivery.IsTombstone);
    }

    /// <summary>Records that messages wait at the broker for a retry.</summary>
    public void RecordPostponed() => Metrics.RecordPostponed(_transport, Subscription);

    private async ValueTask HandleHeld(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var (message, problem, attempts, isTombstone) = HeldMessage.Read(recorded.Payload);
        var delivery = new Delivery(message, problem) { MayBeRepeated = true, IsTombstone = isTombstone };
        try
        {
            await Handle(delivery, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when ((attempts > 0 || MessageProtection.HasEncryptedValues(message))
                && exception is not OperationCanceledException
                && Rules.ClassOf(exception) != FailureClass.System)
        {
            throw ErrorTexts.Held(attempts, exception, message);
        }
    }

    private async ValueTask<CommitRequest?> PreparePart(
        object data, Message message, InboxId id, CancellationToken cancellationToken)
    {
        if (!_receiver.Routes.TryGetValue(data.GetType(), out var route))
        {
            var problem = data is UnreadableEvent unreadable ? unreadable.Reason : NoHandlerFor(message);
            if (data is UnreadableEvent || !_transport.Options.IgnoresUnknown)
                throw new MessageUnreadableException(_receiver.Name, message.Id, problem);
            Skip(message, problem);
            return null;
        }
        return await PrepareByRoute(route, data, message, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Handles a tombstone, unless it was handled before or the receiver has no handler for tombstones.
    /// </summary>
    private async ValueTask<CommitRequest?> PrepareTombstone(
        Message message, bool mayBeRepeated, CancellationToken cancellationToken)
    {
        if (_receiver.TombstoneRoute is not { } route)
        {
            SkipTombstone();
            return null;
        }
        var id = new InboxId(_receiver.Name, message);
        if (!mayBeRepeated || !await WasHandled(id, cancellationToken).ConfigureAwait(false))
            return await PrepareByRoute(route, new Tombstone(message.Key), message, id, cancellationToken)
                .ConfigureAwait(false);
        Metrics.WasDuplicate(_transport, Subscription);
        return null;
    }

    private async ValueTask<CommitRequest?> PrepareByRoute(
        MessageRoute route, object data, Message message, InboxId id, CancellationToken cancellationToken)
    {
        var context = new MessageContext(message, EffectOf(message));
        if (await route.Handle(data, context, id, _services, cancellationToken).ConfigureAwait(false))
        {
            if (context.WasRepeated)
                Metrics.WasDuplicate(_transport, Subscription);
            return null;
        }
        context.Effect.With(MarkOf(_scope, id));
        return _store.Encode(context.Effect);
    }

    private static string NoHandlerFor(Message message) => $"no handler accepts '{message.Type}'.";

    private bool SkipTombstone()
    {
        _counts.SkippedTombstone();
        Metrics.Skipped(_transport, Subscription, isTombstone: true);
        return true;
    }

    private void Skip(Message message, string problem)
    {
        _counts.Skipped(message, problem);
        Metrics.Skipped(_transport, Subscription, isTombstone: false);
    }

    private void CountDuplicate(CommitOutcome? outcome)
    {
        if (outcome?.Result == CommitResult.HandledBefore)
            Metrics.WasDuplicate(_transport, Subscription);
    }

    private async ValueTask<bool> WasHandled(InboxId id, CancellationToken cancellationToken) =>
        await _store.Storage.Log.FindHandled(
            _scope, id.ToHandledId(), cancellationToken).ConfigureAwait(false) is not null;

    private HandledMark MarkOf(string scope, InboxId id) =>
        new(scope, id.ToHandledId(), default, _store.Time.GetUtcNow() + _transport.Options.InboxWindow);

    private static AppendRequest EffectOf(Message message) => new()
    {
        CorrelationId = Guid.TryParse(message.CorrelationId, out var correlation) ? correlation : null,
        CausationId = Guid.TryParse(message.Id, out var cause) ? cause : null,
    };

    /// <summary>Reads a message like an event, through the upcasters of this model.</summary>
    private RecordedEvent Read(Message message, bool hasEncryptedValues)
    {
        var end = message.ContentType.IndexOf(';', StringComparison.Ordinal);
        return new RecordedEvent
        {
            Id = Guid.TryParse(message.Id, out var id) ? id : Guid.Empty,
            Stream = _streamForReading,
            Version = 1,
            Position = 1,
            Type = message.Type,
            SchemaVersion = message.SchemaVersion,
            ContentType = end < 0 ? message.ContentType : message.ContentType[..end].TrimEnd(),
            Timestamp = message.Time ?? _store.Time.GetUtcNow(),
            Payload = message.Body,
            EncryptionKeyId = hasEncryptedValues ? MessageProtection.PathsName : null, // Omits texts of errors.
            Decoder = _store.Serializer,
        };
    }

    /// <summary>Continues the trace of the message. Returns null without a listener.</summary>
    private Activity? StartSpan(Message message)
    {
        if (!MillraceTelemetry.Source.HasListeners())
            return null;
        var activity = TraceContinuation.Start(
            $"process {_receiver.Destination}",
            ActivityKind.Consumer,
            message.TraceParent,
            message.Time ?? _store.Time.GetUtcNow(),
            _store.Time);
        activity?.SetTag("messaging.system", _transport.Transport.System);
        activity?.SetTag("messaging.destination.name", _receiver.Destination);
        activity?.SetTag("messaging.consumer.group.name", _receiver.Name);
        return activity;
    }
}
