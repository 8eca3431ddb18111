using Millrace.Projecting.Replays;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Explaining;

/// <summary>
/// Tracks a document during a replay. It folds the document's events one by one, and collects the streams, dead letters
/// and failures.
/// </summary>
/// <param name="definition">The projection.</param>
/// <param name="key">The key of the document.</param>
/// <param name="history">Records a value of the document after each event. It is null if only the final document is
/// necessary.</param>
/// <param name="letters">The dead letters of the read model, with the decisions about events.</param>
internal sealed class DocumentTracker(
    ProjectionDefinition definition,
    string key,
    ValueHistory? history,
    ReadModelDeadLetters letters)
{
    private readonly StateReplay _replay = definition.CreateReplay(key);
    private readonly KeyFinder _finder = definition.CreateFinder();
    private readonly List<DeadLetter> _deadLetters = [];
    private readonly HashSet<StreamId> _streams = [];

    public ProjectionDefinition Definition { get; } = definition;

    public string Key { get; } = key;

    /// <summary>Gets the dead letters of the document.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => _deadLetters;

    /// <summary>Gets the streams of the document's events.</summary>
    public IReadOnlySet<StreamId> Streams => _streams;

    /// <summary>Gets the number of events that were folded into the document.</summary>
    public long Events { get; private set; }

    /// <summary>Gets the last event that was folded.</summary>
    public RecordedEvent? Last { get; private set; }

    /// <summary>Gets the events that could not be folded.</summary>
    public FailureSamples Failures { get; } = new();

    /// <summary>Gets the positions of the events that were found for the document.</summary>
    public PositionRanges Positions { get; } = new();

    /// <summary>Gets whether any event belongs to the document.</summary>
    public bool IsFound => Events > 0 || Failures.Count > 0;

    /// <summary>Gets or sets the position up to which events were searched.</summary>
    public long Reached { get; set; }

    /// <summary>Gets the current document as JSON.</summary>
    public byte[]? Body => _replay.Write();

    /// <summary>
    /// Marks the end of the events of an earlier part of the search. This search returns later changes, if any.
    /// </summary>
    public void EndEarlierPart() => history?.EndEarlierPart();

    /// <summary>Adds a stream of the document's events.</summary>
    public void AddStream(StreamId stream) => _streams.Add(stream);

    /// <summary>Folds an event of this document, unless it is blocked or skipped by a decision.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="number">The number of the event among all events that the search reads; 0 if it is not
    /// known.</param>
    public void Add(RecordedEvent recorded, long number = 0)
    {
        _streams.Add(recorded.Stream);
        Positions.Add(recorded.Position, number);
        _deadLetters.AddRange(
            letters.At(recorded.Position).Where(letter => letter.Key.Length == 0 || letter.Key == Key));
        try
        {
            if (letters.For(Key, recorded, _finder) is not { } folded)
                return;
            var rules = _replay.Fold(folded);
            if (rules.Count == 0)
                return;
            Events++;
            Last = recorded;
            history?.Add(folded, !ReferenceEquals(folded, recorded), rules, _replay.Write());
        }
#pragma warning disable CA1031 // An exception of application code is reported, and the event is skipped.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failures.Add(recorded, exception);
        }
    }
}
