namespace Millrace.Messaging;

/// <summary>
/// A publisher: a consumer whose checkpoint moves when the broker has confirmed. Order per key, retries, dead letters,
/// lag, pauses and leases are those of every consumer.
/// </summary>
internal sealed class PublishProcessor : KeyedEventProcessor
{
    private const int BatchesOfPage = 4;
    private const int MaxPageEvents = 10_000;
    private const long MaxPageBytes = 1024 * 1024;

    private readonly record struct SentRound(PublishRound Wave, Task<IReadOnlyList<PublishOutcome>> Outcomes);

    private readonly TransportRuntime _transport;
    private readonly string _source;
    private PublishRound[] _rounds = [new(), new()];
    private List<RecordedEvent> _waiting = [];
    private List<RecordedEvent> _later = [];
    private bool _hasStarted;

    public PublishProcessor(TransportRuntime transport, PartitionKeys share = default)
    {
        (_transport, Share) = (transport, share);
        _source = EventMessage.SourceOf(transport.Options.Source);
    }

    /// <summary>The name of a transport's publisher as a consumer.</summary>
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
    /// Declares what is needed of the broker, once: after that, what is published does where it must. So a broker that
    /// goes away fails the next event, which keeps its place, and not the consumer as a whole.
    /// </summary>
    public override async ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        if (_hasStarted)
            return;
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _hasStarted = true;
    }

    /// <summary>
    /// Publishes in waves: of each key one event at a time, unless the broker keeps the order by itself. While one wave
    /// is being confirmed the next is sent, if no key is in both. An event that the broker does not take is taken out,
    /// and later ones of its key wait.
    /// </summary>
    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys lines, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _waiting.Clear();
        _later.Clear(); // What was left when the broker went away comes again, in its order.
        var sifted = SelectUnblocked(events, lines);
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
                var next = Send(before?.Wave, hasFailed ? lines : null, cancellationToken);
                (var last, before) = (before, next);
                if (last is { } sent)
                    hasFailed |= await AwaitOutcomes(sent, before, lines).ConfigureAwait(false);
                if (before is { } alone && !HasTwoRounds)
                {
                    before = null;
                    hasFailed |= await AwaitOutcomes(alone, null, lines).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _rounds = [new(), new()]; // What was given up is still being sent.
            throw;
        }
        finally
        {
            if (before is { } left)
                // It comes again, and not beside this.
                await ((Task)left.Outcomes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override async ValueTask HandleAgain(RetriedEvent again, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        var wave = new PublishRound(); // One that is given up is still being sent.
        AddTo(wave, again.Recorded);
        if (wave.Messages.Count == 0)
            return;
        var outcomes = await _transport.Publish(wave.Messages, cancellationToken).ConfigureAwait(false);
        if (wave.FailureOf(0, outcomes, _transport) is { } failure)
            throw failure;
    }

    private bool IsOneOfKey => !_transport.Transport.StopsAtFailure && !_transport.Options.OverlapsKeys;

    private bool HasTwoRounds => IsOneOfKey && _transport.Options.BatchMessages > 1;

    protected override string KeyOf(RecordedEvent recorded) => recorded.Stream.Value;

    /// <summary>Sends what can be sent beside a wave that is not confirmed yet; null when there is nothing.</summary>
    /// <param name="beside">The wave that is not confirmed yet, if there is one.</param>
    /// <param name="lines">Which keys are held; null when none has been since the batch was sifted.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private SentRound? Send(PublishRound? beside, BlockedKeys? lines, CancellationToken cancellationToken)
    {
        var wave = ReferenceEquals(beside, _rounds[0]) ? _rounds[1] : _rounds[0];
        Fill(wave, beside, lines);
        (_waiting, _later) = (_later, _waiting);
        _later.Clear();
        return wave.Messages.Count > 0
            ? new SentRound(wave, _transport.Publish(wave.Messages, cancellationToken).AsTask())
            : null;
    }

    /// <summary>Takes what can be sent at once; the rest is left for later.</summary>
    private void Fill(PublishRound wave, PublishRound? beside, BlockedKeys? lines)
    {
        wave.Clear();
        var isOneOfKey = IsOneOfKey;
        var most = HasTwoRounds ? _transport.Options.BatchMessages / 2 : _transport.Options.BatchMessages;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var recorded = _waiting[i];
            var key = recorded.Stream.Value;
            if (wave.Messages.Count >= most || (isOneOfKey && (beside?.Has(key) == true || !wave.TryTakeKey(key))))
                _later.Add(recorded);
            else if (lines is null || Admit(recorded, lines) is { })
                AddTo(wave, recorded);
        }
    }

    private void AddTo(PublishRound wave, RecordedEvent recorded)
    {
        var destinations = _transport.Routes.DestinationsOf(recorded.Type);
        if (!destinations.IsEmpty)
            wave.Add(recorded, EventMessage.Of(recorded, _source), destinations, _transport.Options.Format);
    }

    /// <summary>Waits for what became of a wave. True when an event was taken out of the batch.</summary>
    /// <param name="sent">The wave.</param>
    /// <param name="beside">The wave that was sent after it, if there is one.</param>
    /// <param name="lines">Told of what is taken out.</param>
    /// <exception cref="EventFailedException">The broker is away: the first event that is not done.</exception>
    private async ValueTask<bool> AwaitOutcomes(SentRound sent, SentRound? beside, BlockedKeys lines)
    {
        var wave = sent.Wave;
        IReadOnlyList<PublishOutcome> outcomes;
        try
        {
            outcomes = await sent.Outcomes.ConfigureAwait(false);
        }
        catch (TransportUnavailableException exception)
        {
            throw new EventFailedException(FirstLeft(wave.Events[0].Recorded, beside), exception, isRestDone: true);
        }
        var hasFailed = false;
        for (var i = 0; i < wave.Events.Count; i++)
        {
            if (wave.FailureOf(i, outcomes, _transport) is not { } failure)
                continue;
            var recorded = wave.Events[i].Recorded;
            if (failure is TransportUnavailableException)
            {
                _transport.NoteFailure(failure.Message);
                throw new EventFailedException(FirstLeft(recorded, beside), failure, isRestDone: true);
            }
            if (hasFailed && Admit(recorded, lines) is null)
                continue; // It waits behind one of its key, which was sent with it and is not there.
            if (TryFail(recorded, KeyOf(recorded), failure, lines) is { } refusal)
                throw new EventFailedException(FirstLeft(recorded, beside), refusal, isRestDone: true);
            hasFailed = true;
        }
        return hasFailed;
    }

    /// <summary>The first event that is not known to be done, when one is not and all in its wave before it
    /// are.</summary>
    private RecordedEvent FirstLeft(RecordedEvent recorded, SentRound? beside)
    {
        if (beside is { } other && other.Wave.Events[0].Recorded.Position < recorded.Position)
            recorded = other.Wave.Events[0].Recorded;
        return _waiting.Count > 0 && _waiting[0].Position < recorded.Position ? _waiting[0] : recorded;
    }
}
