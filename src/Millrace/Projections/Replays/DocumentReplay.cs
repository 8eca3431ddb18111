namespace Millrace;

/// <summary>Folds the one document of a read model that has a key, by the projection's own code.</summary>
internal sealed class DocumentReplay<TKey, TDocument>(ProjectionDefinition<TKey, TDocument> definition, string key) : StateReplay
    where TKey : notnull
    where TDocument : class
{
    private readonly Projection<TKey, TDocument> _projection = definition.Create();
    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly List<TKey> _keys = [];
    private TDocument? _document;

    public override IReadOnlyList<string> Fold(RecordedEvent recorded)
    {
        var (document, rules) = (_document, new List<string>(1));
        foreach (var part in recorded.Parts())
        {
            _keys.Clear();
            _projection.CollectKeys(part, _keys);
            var index = _keys.FindIndex(one => _format.KeyText(one) == key);
            if (index < 0)
                continue;
            document = _projection.Fold(_keys[index], document, part);
            var rule = definition.RuleOf(_projection.GetType(), part.Data.GetType());
            if (!rules.Contains(rule))
                rules.Add(rule);
        }
        _document = document;
        return rules;
    }

    public override byte[]? Write() => _document is null ? null : _format.Write(_document);
}
