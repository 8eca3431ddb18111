using Millrace.Consuming;
using Millrace.Projecting.Replays;

namespace Millrace.Explaining;

/// <summary>A read model, and the keys of the documents to which a stream's events belong.</summary>
internal sealed class MatchedReadModel(
    ProjectionDefinition definition, EventTypeMap types, ReadModelDeadLetters letters)
{
    private readonly HashSet<string> _types = new(
        StoredEventTypes.NamesOf(types, definition.Events), StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly KeyFinder _finder = definition.CreateFinder();
    private readonly List<string> _found = [];
    private readonly List<string> _keys = [];

    public ProjectionDefinition Definition => definition;

    public ReadModelDeadLetters DeadLetters => letters;

    /// <summary>Gets the keys in the order in which they were found.</summary>
    public IReadOnlyList<string> Keys => _keys;

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>
    /// Adds the documents of an event and of its correction, if there is one. Throws the exceptions of application
    /// code.
    /// </summary>
    public void Collect(RecordedEvent recorded)
    {
        _found.Clear();
        letters.Collect(recorded, _finder, _found, includeCorrected: false);
        Add(_found);
    }

    /// <summary>Adds keys from another source.</summary>
    public void Add(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (_seen.Add(key))
                _keys.Add(key);
        }
    }
}
