namespace Millrace.Messaging;

/// <summary>
/// A publisher: a consumer whose checkpoint moves when the broker has confirmed. Order per key, retries, dead letters, lag, pauses and
/// leases are those of every consumer.
/// </summary>
internal sealed class PublisherWork : KeyedWork
{
    private readonly TransportRuntime _transport;
    private readonly string _source;
    private readonly PublishWave _wave = new();
    private List<RecordedEvent> _waiting = [];
    private List<RecordedEvent> _later = [];

    public PublisherWork(TransportRuntime transport, PartitionShare share = default)
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

    public override int MostEvents => _transport.Options.BatchMessages;

    public override ConsumerWork CreateShare(PartitionShare share) => new PublisherWork(_transport, share);

    public override ValueTask Begin(long checkpoint, CancellationToken cancellationToken) => _transport.Declare(cancellationToken);

    /// <summary>
    /// Publishes in waves: of each key one event at a time, unless the broker keeps the order by itself. An event that the broker does not
    /// take is taken out, and later ones of its key wait.
    /// </summary>
    public override async ValueTask Handle(IReadOnlyList<RecordedEvent> events, KeyLines lines, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _waiting.Clear();
        _later.Clear(); // What was left when the broker went away comes again, in its order.
        var sifted = Sift(events, lines);
        for (var i = 0; i < sifted.Count; i++)
        {
            if (Share.IsWhole || IsOwn(sifted[i]))
                _waiting.Add(sifted[i]);
        }
        var hasFailed = false;
        while (_waiting.Count > 0)
        {
            FillWave(hasFailed ? lines : null);
            if (_wave.Messages.Count > 0)
                hasFailed |= await PublishWave(lines, cancellationToken).ConfigureAwait(false);
            (_waiting, _later) = (_later, _waiting);
            _later.Clear();
        }
    }

    public override async ValueTask HandleAgain(LetterEvent again, CancellationToken cancellationToken)
    {
        await _transport.Declare(cancellationToken).ConfigureAwait(false);
        _wave.Clear();
        Add(again.Recorded);
        if (_wave.Messages.Count == 0)
            return;
        var outcomes = await _transport.Publish(_wave.Messages, cancellationToken).ConfigureAwait(false);
        if (_wave.FailureOf(0, outcomes, _transport) is { } failure)
            throw failure;
    }

    protected override string KeyOf(RecordedEvent recorded) => recorded.Stream.Value;

    /// <summary>Takes what can be sent at once; the rest is left for later.</summary>
    /// <param name="lines">Which keys are held; null when none has been since the batch was sifted.</param>
    private void FillWave(KeyLines? lines)
    {
        _wave.Clear();
        var isOneOfKey = !_transport.Transport.StopsAtFailure && !_transport.Options.OverlapsKeys;
        for (var i = 0; i < _waiting.Count; i++)
        {
            var recorded = _waiting[i];
            if (isOneOfKey && !_wave.TryTakeKey(recorded.Stream.Value))
                _later.Add(recorded);
            else if (lines is null || Admit(recorded, lines) is { })
                Add(recorded);
        }
    }

    private void Add(RecordedEvent recorded)
    {
        var destinations = _transport.Routes.DestinationsOf(recorded.Type);
        if (!destinations.IsEmpty)
            _wave.Add(recorded, EventMessage.Of(recorded, _source), destinations, _transport.Options.Format);
    }

    /// <summary>True when an event was taken out of the batch.</summary>
    /// <exception cref="EventFailedException">The broker is away: the first event that is not done.</exception>
    private async ValueTask<bool> PublishWave(KeyLines lines, CancellationToken cancellationToken)
    {
        IReadOnlyList<PublishOutcome> outcomes;
        try
        {
            outcomes = await _transport.Publish(_wave.Messages, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportUnavailableException exception)
        {
            throw new EventFailedException(FirstLeft(_wave.Events[0].Recorded), exception, isRestDone: true);
        }
        var hasFailed = false;
        for (var i = 0; i < _wave.Events.Count; i++)
        {
            if (_wave.FailureOf(i, outcomes, _transport) is not { } failure)
                continue;
            var recorded = _wave.Events[i].Recorded;
            if (failure is TransportUnavailableException)
            {
                _transport.NoteFailure(failure.Message);
                throw new EventFailedException(FirstLeft(recorded), failure, isRestDone: true);
            }
            if (hasFailed && Admit(recorded, lines) is null)
                continue; // It waits behind one of its key, which was sent with it and is not there.
            if (TryFail(recorded, KeyOf(recorded), failure, lines) is { } refusal)
                throw new EventFailedException(FirstLeft(recorded), refusal, isRestDone: true);
            hasFailed = true;
        }
        return hasFailed;
    }

    /// <summary>The first event that is not done, when one is not and all in the wave before it are.</summary>
    private RecordedEvent FirstLeft(RecordedEvent recorded) =>
        _later.Count > 0 && _later[0].Position < recorded.Position ? _later[0] : recorded;
}
