using Millrace.Consuming;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Messaging;

/// <summary>
/// A consumer that publishes events. Its checkpoint advances when the broker has confirmed the events. Order per key,
/// retries, dead letters, lag, pauses and leases work as for every other consumer.
/// </summary>
internal sealed class PublishProcessor : KeyedEventProcessor
{
    private const int BatchesPerPage = 4;
    private const int MaxPageEvents = 10_000;
    private const long MaxPageBytes = 1024 * 1024;

    private readonly record struct SentRound(PublishRound Round, Task<IReadOnlyList<PublishOutcome>> Outcomes);

    private readonly TransportRuntime _transport;
    private PublishRound[] _rounds = [new(), new()];
    private List<RecordedEvent> _waiting = [];
    private List<RecordedEvent> _postponed = [];
    private readonly MessageEncryptor _messages;
    private bool _hasStarted;
    private int _maxUnconfirmed; // Of the batch that is being handled, during which the settings do not change.

    public PublishProcessor(TransportRuntime transport, PartitionKeys share = default)
    {
        _transport = transport;
        Share = share;
        _messages = new MessageEncryptor(transport, EventMessage.SourceOf(transport.Options.Source));
    }

    /// <summary>Returns the consumer name of a transport's publisher.</summary>
    public static string NameOf(string transport) => $"publish.{transport}";

    public override string Name => NameOf(_transport.Name);

    public override EventFilter Filter => _transport.Routes.Filter;

    public override bool BeginsAtEnd => _transport.Options.BeginsAtEnd;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override bool CanBeDivided => true;

    public override int MaxEvents => Load is null
        ? Math.Min(_transport.Options.BatchMessages * BatchesPerPage, MaxPageEvents)
        : MaxPageEvents;

    public override bool CanAdapt => true;

    public override (string Name, int Events)? BatchSetting =>
        ($"Millrace:Messaging:{_transport.Name}:{nameof(TransportOptions.BatchMessages)}",
            _transport.Options.BatchMessages);

    public override long? MaxBytes => MaxPageBytes;

    public override ConsumerProcessor CreateShare(PartitionKeys share) => new PublishProcessor(_transport, share);

    /// <summary>
    /// Declares the topology once, so that messages reach their subscriptions. If the broker becomes unavailable later,
    /// only the next event fails and is retried. The consumer continues to run.
    /// </summary>
    public override async ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        if (_hasStarted)
            return;
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _hasStarted = true;
    }

    /// <summary>
    /// Publishes events in rounds. A round has one event of each key, unless the broker preserves the order. The
    /// processor sends the next round before the previous one is confirmed, if the rounds have no key in common. If the
    /// broker does not accept an event, the processor removes the event from the batch. Later events of its key then
    /// wait.
    /// </summary>
    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _waiting.Clear();
        _postponed.Clear(); // After a failure, the consumer reads the remaining events again.
        var unblocked = SelectUnblocked(events, blockedKeys);
        var hasFailed = false;
        _maxUnconfirmed = Trial?.BatchEvents ?? Load?.BatchEvents ?? _transport.Options.BatchMessages;
        _messages.StartBatch();
        for (var i = 0; i < unblocked.Count; i++)
        {
            if (!Share.IsWhole && !IsOwn(unblocked[i]))
                continue;
            if (await TryPrepare(unblocked[i], blockedKeys, cancellationToken).ConfigureAwait(false))
                _waiting.Add(unblocked[i]);
            else
                hasFailed = true;
        }
        SentRound? inFlight = null;
        try
        {
            while (_waiting.Count > 0 || inFlight is not null)
            {
                var next = Send(inFlight?.Round, hasFailed ? blockedKeys : null, cancellationToken);
                var previous = inFlight;
                inFlight = next;
                if (previous is { } sent)
                    hasFailed |= await AwaitOutcomes(sent, inFlight, blockedKeys).ConfigureAwait(false);
                if (inFlight is { } alone && !HasTwoRounds)
                {
                    inFlight = null;
                    hasFailed |= await AwaitOutcomes(alone, null, blockedKeys).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _rounds = [new(), new()]; // The abandoned rounds are still being sent.
            throw;
        }
        finally
        {
            if (inFlight is { } pending)
                // Waits for the round, so that its events are not published again at the same time.
                await ((Task)pending.Outcomes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        var round = new PublishRound(); // An abandoned round is still being sent.
        await _messages.Prepare(retried.Recorded, cancellationToken).ConfigureAwait(false);
        AddTo(round, retried.Recorded);
        if (round.Messages.Count == 0)
            return;
        var outcomes = await _transport.Publish(round.Messages, cancellationToken).ConfigureAwait(false);
        if (round.FailureOf(0, outcomes, _transport) is { } failure)
            throw failure;
        _messages.Forget(retried.Recorded);
    }

    private bool HasOneEventPerKey => !_transport.Transport.StopsAtFailure && !_transport.Options.OverlapsKeys;

    private bool HasTwoRounds => HasOneEventPerKey && _maxUnconfirmed > 1;

    protected override string KeyOf(RecordedEvent recorded) => recorded.Stream.Value;

    /// <summary>
    /// Sends the events that may be in flight together with an unconfirmed round. Returns null if there are none.
    /// </summary>
    /// <param name="unconfirmed">The round that is not confirmed yet; null for none.</param>
    /// <param name="blockedKeys">The blocked keys; null if no key was blocked after the batch was filtered.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private SentRound? Send(PublishRound? unconfirmed, BlockedKeys? blockedKeys, CancellationToken cancellationToken)
    {
        var round = ReferenceEquals(unconfirmed, _rounds[0]) ? _rounds[1] : _rounds[0];
        Fill(round, unconfirmed, blockedKeys);
        (_waiting, _postponed) = (_postponed, _waiting);
        _postponed.Clear();
        return round.Messages.Count > 0
            ? new SentRound(round, _transport.Publish(round.Messages, cancellationToken).AsTask())
            : null;
    }

    /// <summary>Adds the events that can be sent now to a round, and keeps the others for a later round.</summary>
    private void Fill(PublishRound round, PublishRound? unconfirmed, BlockedKeys? blockedKeys)
    {
        round.Clear();
        var hasOneEventPerKey = HasOneEventPerKey;
        var maxMessages = HasTwoRounds ? _maxUnconfirmed / 2 : _maxUnconfirmed;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var recorded = _waiting[i];
            var key = recorded.Stream.Value;
            if (round.Messages.Count >= maxMessages
                || (hasOneEventPerKey && (unconfirmed?.Has(key) == true || !round.TryAddKey(key))))
                _postponed.Add(recorded);
            else if (blockedKeys is null || Admit(recorded, blockedKeys) is { })
                AddTo(round, recorded);
        }
    }

    /// <summary>
    /// Encrypts the marked values of an event. Returns false if the event fails, because its stored values cannot be
    /// decrypted, or a marked value cannot be found.
    /// </summary>
    private async ValueTask<bool> TryPrepare(
        RecordedEvent recorded, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        try
        {
            await _messages.Prepare(recorded, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is CannotDeserializeException or ProtectedValueException)
        {
            Fail(recorded, KeyOf(recorded), exception, blockedKeys);
            return false;
        }
    }

    private void AddTo(PublishRound round, RecordedEvent recorded)
    {
        var destinations = _transport.Routes.DestinationsOf(recorded.Type);
        if (destinations.IsEmpty)
            return;
        round.Add(recorded, _messages.MessageOf(recorded), destinations, _transport.Options.Format);
    }

    /// <summary>Waits for the outcomes of a round. Returns true if an event was removed from the batch.</summary>
    /// <param name="sent">The round.</param>
    /// <param name="unconfirmed">The round that was sent after <paramref name="sent"/>; null for none.</param>
    /// <param name="blockedKeys">The blocked keys, to which failed events are added.</param>
    /// <exception cref="EventFailedException">The broker is unavailable. The exception contains the first event that is
    /// not published.</exception>
    private async ValueTask<bool> AwaitOutcomes(SentRound sent, SentRound? unconfirmed, BlockedKeys blockedKeys)
    {
        var round = sent.Round;
        IReadOnlyList<PublishOutcome> outcomes;
        try
        {
            outcomes = await sent.Outcomes.ConfigureAwait(false);
        }
        catch (TransportUnavailableException exception)
        {
            throw new EventFailedException(
                FirstUnpublished(round.Events[0].Recorded, unconfirmed), exception, areEarlierDone: true);
        }
        var hasFailed = false;
        for (var i = 0; i < round.Events.Count; i++)
        {
            var recorded = round.Events[i].Recorded;
            if (round.FailureOf(i, outcomes, _transport) is not { } failure)
            {
                _messages.Forget(recorded);
                continue;
            }
            if (failure is TransportUnavailableException)
            {
                _transport.NoteFailure(failure.Message);
                throw new EventFailedException(FirstUnpublished(recorded, unconfirmed), failure, areEarlierDone: true);
            }
            if (hasFailed && Admit(recorded, blockedKeys) is null)
                continue; // The event waits for a failed event of its key in the same round.
            if (TryFail(recorded, KeyOf(recorded), failure, blockedKeys) is { } refusal)
                throw new EventFailedException(FirstUnpublished(recorded, unconfirmed), refusal, areEarlierDone: true);
            hasFailed = true;
        }
        return hasFailed;
    }

    /// <summary>Returns the first event that is not known to be published.</summary>
    private RecordedEvent FirstUnpublished(RecordedEvent recorded, SentRound? unconfirmed)
    {
        if (unconfirmed is { } other && other.Round.Events[0].Recorded.Position < recorded.Position)
            recorded = other.Round.Events[0].Recorded;
        return _waiting.Count > 0 && _waiting[0].Position < recorded.Position ? _waiting[0] : recorded;
    }
}
