using Millrace.Storage;

namespace Millrace;

/// <summary>One document on its way through the log: folded event by event, with what was noticed on the way.</summary>
/// <param name="definition">Its projection.</param>
/// <param name="key">Its key.</param>
/// <param name="history">Follows a value of it, for which it is written as JSON after each event; null where only the
/// end counts.</param>
/// <param name="letters">What was decided about its events.</param>
/// <param name="from">Where an earlier search stopped, to go on from; null to begin before the first event.</param>
internal sealed class DocumentTracker(
    ProjectionDefinition definition,
    string key,
    ValueHistory? history,
    ReadModelDeadLetters letters,
    SearchContinuation? from = null)
{
    private readonly StateReplay _replay = definition.CreateReplay(key, from?.State);
    private readonly KeyFinder _finder = definition.CreateFinder();
    private readonly List<DeadLetter> _deadLetters = [];
    private readonly HashSet<StreamId> _streams = [];

    public ProjectionDefinition Definition { get; } = definition;

    public string Key { get; } = key;

    /// <summary>The dead letters of the document.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => _deadLetters;

    /// <summary>The streams that events of the document came from.</summary>
    public IReadOnlySet<StreamId> Streams => _streams;

    /// <summary>How many events were folded into it.</summary>
    public long Events { get; private set; } = from?.Events ?? 0;

    /// <summary>Whether it goes on from where an earlier search stopped, so that not all its streams are
    /// known.</summary>
    public bool IsResumed => from is not null;

    /// <summary>The last event that was folded into it.</summary>
    public RecordedEvent? Last { get; private set; }

    /// <summary>What could not be folded, since the search began.</summary>
    public FailureSamples Failures { get; } = new();

    /// <summary>How many events could not be folded, ever.</summary>
    public long FailureCount => Failures.Count + (from?.Failures ?? 0);

    /// <summary>Whether any event was for it.</summary>
    public bool IsFound => Events > 0 || FailureCount > 0;

    /// <summary>The position up to which its events were looked for.</summary>
    public long Reached { get; set; }

    /// <summary>The document now, as JSON.</summary>
    public byte[]? Body => _replay.Write();

    /// <summary>Notes a stream that its events come from.</summary>
    public void Note(StreamId stream) => _streams.Add(stream);

    /// <summary>An event of this document as it is folded; null when it is not, and also when that cannot be
    /// told.</summary>
    public RecordedEvent? AsFolded(RecordedEvent recorded)
    {
        try
        {
            return letters.For(Key, recorded, _finder);
        }
#pragma warning disable CA1031 // The application's own code: what it throws says as little as that there is none.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    /// <summary>Folds an event that was found to be for this document, unless it is held back or was decided
    /// about.</summary>
    public void Add(RecordedEvent recorded)
    {
        _streams.Add(recorded.Stream);
        _deadLetters.AddRange(
            letters.At(recorded.Position).Where(letter => letter.Key.Length == 0 || letter.Key == Key));
        try
        {
            if (letters.For(Key, recorded, _finder) is not { } folded)
                return;
            var rules = _replay.Fold(folded);
            if (rules.Count == 0)
                return;
            (Events, Last) = (Events + 1, recorded);
            history?.Add(folded, !ReferenceEquals(folded, recorded), rules, _replay.Write());
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws is told, and the event is left out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failures.Add(recorded, exception);
        }
    }
}
