using Millrace.Storage;

namespace Millrace;

/// <summary>The dead letters of a read model, as its documents reflect them: what they lack, and what they hold as
/// corrected.</summary>
internal sealed class ReadModelDeadLetters
{
    private const int Page = 1_000;

    private static readonly DeadLetterState[] Decided =
        [DeadLetterState.Skipped, DeadLetterState.Discarded, DeadLetterState.Corrected];

    private readonly ILookup<long, DeadLetter> _byPosition;
    private readonly DeadLetterResolutions _decided;

    private ReadModelDeadLetters(IReadOnlyList<DeadLetter> letters)
    {
        All = letters;
        _byPosition = letters.ToLookup(letter => letter.Position);
        _decided = new DeadLetterResolutions(letters);
    }

    public static ReadModelDeadLetters None { get; } = new([]);

    public IReadOnlyList<DeadLetter> All { get; }

    public bool IsEmpty => All.Count == 0;

    /// <summary>
    /// Reads those of a collection, without their messages, and what was decided about those that the same version was
    /// built to before.
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
                States = consumer == collection ? [] : Decided,
                IsBrief = true,
                Limit = Page,
            };
            IReadOnlyList<DeadLetter> page;
            do
            {
                page = await store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
                letters.AddRange(page);
                query = query with { After = page.Count == 0 ? 0 : page[^1].Id };
            }
            while (page.Count == Page);
        }
        return letters.Count == 0 ? None : new ReadModelDeadLetters(letters);
    }

    /// <summary>The decisions, for those who fold all keys.</summary>
    public DeadLetterResolutions ToDecided() => _decided;

    /// <summary>The decisions that hold when the documents are built anew: what is open is tried again.</summary>
    public DeadLetterResolutions ToDecidedForGood() =>
        IsEmpty ? DeadLetterResolutions.None : new(All.Where(letter => !letter.IsOpen));

    /// <summary>The letters of an event.</summary>
    public IEnumerable<DeadLetter> At(long position) => _byPosition[position];

    /// <summary>The event as it is folded into the document of a key; null when it is not.</summary>
    public RecordedEvent? For(string key, RecordedEvent recorded, KeyFinder finder)
    {
        if (IsEmpty || !_byPosition.Contains(recorded.Position))
            return recorded;
        return finder.RoutesOf(recorded, _decided).Find(one => one.Key == key).Recorded;
    }

    /// <summary>
    /// Adds the documents that have to do with an event: those it is folded into, as corrected where it was, and those
    /// that lack it. Throws what the application's code throws, unless a letter tells of it.
    /// </summary>
    /// <param name="recorded">The event.</param>
    /// <param name="finder">Tells its keys.</param>
    /// <param name="keys">Where they are added.</param>
    /// <param name="evenLeft">Whether those count that it left because it was corrected.</param>
    public void Collect(RecordedEvent recorded, KeyFinder finder, List<string> keys, bool evenLeft)
    {
        if (IsEmpty || !_byPosition.Contains(recorded.Position))
        {
            finder.Collect(recorded, keys);
            return;
        }
        foreach (var letter in At(recorded.Position))
        {
            if (letter.Key.Length > 0 && (evenLeft || letter.State != DeadLetterState.Corrected))
                keys.Add(letter.Key);
        }
        keys.AddRange(finder.RoutesOf(recorded, _decided).Select(one => one.Key));
    }
}
