namespace Millrace.Messaging;

/// <summary>
/// A publisher: a consumer whose checkpoint advances when the broker has confirmed. Order per key, retries, dead
/// letters, lag, pauses and leases are those of every consumer.
/// </summary>
internal sealed class PublishProcessor : KeyedEventProcessor
{
    private const int BatchesOfPage = 4;
    private const int MaxPageEvents = 10_000;
    private const long MaxPageBytes = 1024 * 1024;

    private readonly record struct SentRound(PublishRound Round, Task<IReadOnlyList<PublishOutcome>> Outcomes);

    private readonly TransportRuntime _transport;
    private readonly string _source;
    private PublishRound[] _rounds = [new(), new()];
    private List<RecordedEvent> _waiting = [];
    private List<RecordedEvent> _later = [];
    private bool _hasStarted;

    public PublishProcessor(TransportRuntime transport, PartitionKeys share = default)
    {
        _transport = transport;
        Share = share;
        _source = EventMessage.SourceOf(transport.Options.Source);
    }

    /// <summary>Returns the consumer name of a transport's publisher.</summary>
    public static string NameOf(string transport) => $"publish.{transport}";

    public override string Name => NameOf(_transport.Name);

    public override EventFilter Filter => _transport.Routes.Filter;

    public override bool BeginsAtEnd => _transport.Options.BeginsAtEnd;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override bool CanBeDivided => true;

    public override int MaxEvents => Math.Min(_transport.Options.BatchMessages * BatchesOfPage, MaxPageEvents);

    public override long? MaxBytes => MaxPageBytes;

    public override ConsumerProcessor CreateShare(PartitionKeys share) => new PublishProcessor(_transport, share);

    /// <summary>
    /// Declares the topology once, so that messages reach their subscriptions. If the broker becomes unavailable later,
    /// the next event fails and is retried, and not the consumer as a whole.
    /// </summary>
    public override async ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        if (_hasStarted)
            return;
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _hasStarted = true;
    }

    /// <summary>
    /// Publishes in rounds: one event of each key at a time, unless the broker preserves the order. While a round is
    /// being confirmed, the next one is sent if they have no key in common. An event that the broker does not accept is
    /// removed from the batch, and later ones of its key wait.
    /// </summary>
    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _waiting.Clear();
        _later.Clear(); // Events left over from a failure of the broker are read again, in order.
        var sifted = SelectUnblocked(events, blockedKeys);
        for (var i = 0; i < sifted.Count; i++)
        {
            if (Share.IsWhole || IsOwn(sifted[i]))
                _waiting.Add(sifted[i]);
        }
        var hasFailed = false;
        SentRound? before = null;
        try
        {
            while (_waiting.Count > 0 || before is not null)
            {
                var next = Send(before?.Round, hasFailed ? blockedKeys : null, cancellationToken);
                var last = before;
                before = next;
                if (last is { } sent)
                    hasFailed |= await AwaitOutcomes(sent, before, blockedKeys).ConfigureAwait(false);
                if (before is { } alone && !HasTwoRounds)
                {
                    before = null;
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
            if (before is { } left)
                // Its events are published again, but not concurrently with this.
                await ((Task)left.Outcomes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        var round = new PublishRound(); // An abandoned round is still being sent.
        AddTo(round, retried.Recorded);
        if (round.Messages.Count == 0)
            return;
        var outcomes = await _transport.Publish(round.Messages, cancellationToken).ConfigureAwait(false);
        if (round.FailureOf(0, outcomes, _transport) is { } failure)
            throw failure;
    }

    private bool IsOneOfKey => !_transport.Transport.StopsAtFailure && !_transport.Options.OverlapsKeys;

    private bool HasTwoRounds => IsOneOfKey && _transport.Options.BatchMessages > 1;

    protected override string KeyOf(RecordedEvent recorded) => recorded.Stream.Value;

    /// <summary>Sends what is possible beside an unconfirmed round; returns null if there is nothing.</summary>
    /// <param name="beside">The round that is not confirmed yet; null for none.</param>
    /// <param name="blockedKeys">The blocked keys; null if none was blocked since the batch was filtered.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private SentRound? Send(PublishRound? beside, BlockedKeys? blockedKeys, CancellationToken cancellationToken)
    {
        var round = ReferenceEquals(beside, _rounds[0]) ? _rounds[1] : _rounds[0];
        Fill(round, beside, blockedKeys);
        (_waiting, _later) = (_later, _waiting);
        _later.Clear();
        return round.Messages.Count > 0
            ? new SentRound(round, _transport.Publish(round.Messages, cancellationToken).AsTask())
            : null;
    }

    /// <summary>Takes the events that can be sent now; the rest is left for later.</summary>
    private void Fill(PublishRound round, PublishRound? beside, BlockedKeys? blockedKeys)
    {
        round.Clear();
        var isOneOfKey = IsOneOfKey;
        var maxMessages = HasTwoRounds ? _transport.Options.BatchMessages / 2 : _transport.Options.BatchMessages;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var recorded = _waiting[i];
            var key = recorded.Stream.Value;
            if (round.Messages.Count >= maxMessages
                || (isOneOfKey && (beside?.Has(key) == true || !round.TryTakeKey(key))))
                _later.Add(recorded);
            else if (blockedKeys is null || Admit(recorded, blockedKeys) is { })
                AddTo(round, recorded);
        }
    }

    private void AddTo(PublishRound round, RecordedEvent recorded)
    {
        var destinations = _transport.Routes.DestinationsOf(recorded.Type);
        if (!destinations.IsEmpty)
            round.Add(recorded, EventMessage.Of(recorded, _source), destinations, _transport.Options.Format);
    }

    /// <summary>Waits for the outcomes of a round. Returns true if an event was removed from the batch.</summary>
    /// <param name="sent">The round.</param>
    /// <param name="beside">The round that was sent after it; null for none.</param>
    /// <param name="blockedKeys">The blocked keys, to which failed events are added.</param>
    /// <exception cref="EventFailedException">The broker is unavailable; has the first event that is not
    /// done.</exception>
    private async ValueTask<bool> AwaitOutcomes(SentRound sent, SentRound? beside, BlockedKeys blockedKeys)
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
                FirstLeft(round.Events[0].Recorded, beside), exception, isRemainderDone: true);
        }
        var hasFailed = false;
        for (var i = 0; i < round.Events.Count; i++)
        {
            if (round.FailureOf(i, outcomes, _transport) is not { } failure)
                continue;
            var recorded = round.Events[i].Recorded;
            if (failure is TransportUnavailableException)
            {
                _transport.NoteFailure(failure.Message);
                throw new EventFailedException(FirstLeft(recorded, beside), failure, isRemainderDone: true);
            }
            if (hasFailed && Admit(recorded, blockedKeys) is null)
                continue; // It waits behind a failed event of its key that was sent with it.
            if (TryFail(recorded, KeyOf(recorded), failure, blockedKeys) is { } refusal)
                throw new EventFailedException(FirstLeft(recorded, beside), refusal, isRemainderDone: true);
            hasFailed = true;
        }
        return hasFailed;
    }

    /// <summary>Returns the first event that is not known to be published.</summary>
    private RecordedEvent FirstLeft(RecordedEvent recorded, SentRound? beside)
    {
        if (beside is { } other && other.Round.Events[0].Recorded.Position < recorded.Position)
            recorded = other.Round.Events[0].Recorded;
        return _waiting.Count > 0 && _waiting[0].Position < recorded.Position ? _waiting[0] : recorded;
    }
}
