using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace.Projecting.Replays;

/// <summary>
/// The dead letters of a read model. They state which events its documents lack, and which events they contain in
/// corrected form.
/// </summary>
internal sealed class ReadModelDeadLetters
{
    private const int PageSize = 1_000;

    private static readonly DeadLetterState[] DecidedStates =
        [DeadLetterState.Skipped, DeadLetterState.Discarded, DeadLetterState.Corrected];

    private readonly ILookup<long, DeadLetter> _byPosition;
    private readonly DeadLetterResolutions _decisions;

    private ReadModelDeadLetters(IReadOnlyList<DeadLetter> letters)
    {
        All = letters;
        _byPosition = letters.ToLookup(letter => letter.Position);
        _decisions = new DeadLetterResolutions(letters);
    }

    public static ReadModelDeadLetters None { get; } = new([]);

    public IReadOnlyList<DeadLetter> All { get; }

    public bool IsEmpty => All.Count == 0;

    /// <summary>
    /// Reads the dead letters of a collection, without their messages, and the decisions about dead letters of earlier
    /// builds of the same version.
    /// </summary>
    public static async ValueTask<ReadModelDeadLetters> Load(
        EventStore store, string collection, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        foreach (var consumer in VersionCollections.Before(collection, store.ReadModels).Append(collection))
        {
            var query = new DeadLetterQuery
            {
                Consumer = consumer,
                States = consumer == collection ? [] : DecidedStates,
                IsBrief = true,
                Limit = PageSize,
            };
            IReadOnlyList<DeadLetter> page;
            do
            {
                page = await store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
                letters.AddRange(page);
                query = query with { After = page.Count == 0 ? 0 : page[^1].Id };
            }
            while (page.Count == PageSize);
        }
        return letters.Count == 0 ? None : new ReadModelDeadLetters(letters);
    }

    /// <summary>Returns the decisions about all keys.</summary>
    public DeadLetterResolutions ToDecisions() => _decisions;

    /// <summary>Returns the decisions that apply to a rebuild. Open dead letters are retried.</summary>
    public DeadLetterResolutions ToFinalDecisions() =>
        IsEmpty ? DeadLetterResolutions.None : new(All.Where(letter => !letter.IsOpen));

    /// <summary>Returns the dead letters of an event.</summary>
    public IEnumerable<DeadLetter> At(long position) => _byPosition[position];

    /// <summary>
    /// Returns an event as it is folded into the document of a key, which may be in corrected form. Returns null if the
    /// event is not folded into the document.
    /// </summary>
    public RecordedEvent? For(string key, RecordedEvent recorded, KeyFinder finder)
    {
        if (IsEmpty || !_byPosition.Contains(recorded.Position))
            return recorded;
        return finder.RoutesOf(recorded, _decisions).Find(route => route.Key == key).Recorded;
    }

    /// <summary>
    /// Adds the documents related to an event. These are the documents into which the event or its correction is
    /// folded, and the documents that lack the event. The method throws the exceptions of application code, unless a
    /// dead letter contains these exceptions.
    /// </summary>
    /// <param name="recorded">The event.</param>
    /// <param name="finder">Finds the keys of the event.</param>
    /// <param name="keys">The list to which keys are added.</param>
    /// <param name="includeCorrected">True to include documents from which a correction removed the event.</param>
    public void Collect(RecordedEvent recorded, KeyFinder finder, List<string> keys, bool includeCorrected)
    {
        if (IsEmpty || !_byPosition.Contains(recorded.Position))
        {
            finder.Collect(recorded, keys);
            return;
        }
        foreach (var letter in At(recorded.Position))
        {
            if (letter.Key.Length > 0 && (includeCorrected || letter.State != DeadLetterState.Corrected))
                keys.Add(letter.Key);
        }
        keys.AddRange(finder.RoutesOf(recorded, _decisions).Select(route => route.Key));
    }
}
