using Millrace.Store;

namespace Millrace.Projecting.Replays;

/// <summary>Computes one document of a read model from events, with the code of the projection.</summary>
internal sealed class DocumentReplay<TKey, TDocument> : StateReplay
    where TKey : notnull
    where TDocument : class
{
    private readonly ProjectionDefinition<TKey, TDocument> _definition;
    private readonly string _key;
    private readonly Projection<TKey, TDocument> _projection;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly List<TKey> _keys = [];
    private TDocument? _document;

    /// <param name="definition">The projection.</param>
    /// <param name="key">The key of the document.</param>
    public DocumentReplay(ProjectionDefinition<TKey, TDocument> definition, string key)
    {
        _definition = definition;
        _key = key;
        _projection = definition.CreateProjection();
        _format = new DocumentFormat<TKey, TDocument>(definition);
    }

    public override IReadOnlyList<string> Fold(RecordedEvent recorded)
    {
        var document = _projection.WithoutExpired(_document, recorded);
        var rules = new List<string>(1);
        foreach (var part in recorded.Parts())
        {
            _keys.Clear();
            _projection.CollectKeys(part, _keys);
            var index = _keys.FindIndex(key => _format.KeyText(key) == _key);
            if (index < 0)
                continue;
            document = _projection.Fold(_keys[index], document, part);
            var rule = _definition.RuleOf(_projection.GetType(), part.Data.GetType());
            if (!rules.Contains(rule))
                rules.Add(rule);
        }
        _document = document;
        return rules;
    }

    public override byte[]? Write() => _document is null ? null : _format.Write(_document);
}
