using Millrace.Consuming.Retries;

namespace Millrace.Projecting.Replays;

/// <summary>Finds the texts of the keys of the documents that an event changes. Not thread-safe.</summary>
internal abstract class KeyFinder
{
    /// <summary>Adds the keys without duplicates. Throws the exceptions of application code.</summary>
    public abstract void Collect(RecordedEvent recorded, List<string> keys);

    /// <summary>
    /// Returns the documents of an event after decisions, with the payload of the event for each document.
    /// </summary>
    public List<(RecordedEvent Recorded, string Key)> RoutesOf(
        RecordedEvent recorded, DeadLetterResolutions decisions) =>
        new DocumentRouting<string>(Collect, static key => key).Of(recorded, decisions);
}

/// <inheritdoc/>
internal sealed class KeyFinder<TKey, TDocument>(ProjectionDefinition<TKey, TDocument> definition) : KeyFinder
    where TKey : notnull
    where TDocument : class
{
    private readonly Projection<TKey, TDocument> _projection = definition.CreateProjection();
    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly List<TKey> _keys = [];

    public override void Collect(RecordedEvent recorded, List<string> keys)
    {
        _projection.FindKeys(recorded, _keys);
        foreach (var key in _keys)
        {
            var text = _format.KeyText(key);
            if (_keys.Count == 1 || !keys.Contains(text))
                keys.Add(text);
        }
    }
}
