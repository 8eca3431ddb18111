using Millrace.Storage;

namespace Millrace;

/// <summary>The dead letters of a read model, as its documents reflect them: what they lack, and what they hold as corrected.</summary>
internal sealed class KeyLetters
{
    private const int Page = 1_000;

    private static readonly DeadLetterState[] Decided =
        [DeadLetterState.Skipped, DeadLetterState.Discarded, DeadLetterState.Corrected];

    private readonly ILookup<long, DeadLetter> _byPosition;
    private readonly DecidedLetters _decided;

    private KeyLetters(IReadOnlyList<DeadLetter> letters)
    {
        All = letters;
        _byPosition = letters.ToLookup(letter => letter.Position);
        _decided = new DecidedLetters(letters);
    }

    public static KeyLetters None { get; } = new([]);

    public IReadOnlyList<DeadLetter> All { get; }

    public bool IsEmpty => All.Count == 0;

    /// <summary>Reads those of a collection, and what was decided about those that the same version was built to before.</summary>
    public static async ValueTask<KeyLetters> Load(EventStore store, string collection, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        foreach (var consumer in BuildNames.Before(collection, store.ReadModels).Append(collection))
        {
            var query = new DeadLetterQuery { Consumer = consumer, States = consumer == collection ? [] : Decided, Limit = Page };
            IReadOnlyList<DeadLetter> page;
            do
            {
                page = await store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
                letters.AddRange(page);
                query = query with { After = page.Count == 0 ? 0 : page[^1].Id };
            }
            while (page.Count == Page);
        }
        return letters.Count == 0 ? None : new KeyLetters(letters);
    }

    /// <summary>The decisions, for those who fold all keys.</summary>
    public DecidedLetters ToDecided() => _decided;

    /// <summary>The letters of an event.</summary>
    public IEnumerable<DeadLetter> At(long position) => _byPosition[position];

    /// <summary>The event as it is folded into the document of a key; null when it is not.</summary>
    public RecordedEvent? For(string key, RecordedEvent recorded, KeyFinder finder)
    {
        if (IsEmpty || !_byPosition.Contains(recorded.Position))
            return recorded;
        if (_decided.IsPassedOver(recorded.Position, ""))
            return null;
        var whole = _decided.Correct(recorded, "");
        if (finder.Concerns(whole, key))
        {
            var corrected = _decided.Correct(whole, key);
            var isHere = !_decided.IsPassedOver(recorded.Position, key)
                && (ReferenceEquals(corrected, whole) || finder.Concerns(corrected, key));
            return isHere ? corrected : null;
        }
        return FindMoved(key, recorded, finder);
    }

    /// <summary>An event that was corrected for another key so that it belongs to this one.</summary>
    private RecordedEvent? FindMoved(string key, RecordedEvent recorded, KeyFinder finder)
    {
        foreach (var letter in At(recorded.Position))
        {
            if (letter is not { State: DeadLetterState.Corrected, EditedPayload: { } payload } || letter.Key.Length == 0)
                continue;
            var corrected = recorded.With(payload);
            if (finder.Concerns(corrected, key) && !finder.Concerns(corrected, letter.Key))
                return corrected;
        }
        return null;
    }
}
