using Millrace.Storage;

namespace Millrace;

/// <summary>Parts documents into commits of bounded size; removals go with the last.</summary>
internal sealed class EffectChunker(int mostDocuments, long mostBytes)
{
    private readonly List<ConsumerEffects> _parts = [];
    private readonly List<DocumentChange> _removals = [];
    private List<DocumentChange> _part = [];
    private long _bytes;

    public void Add(DocumentChange change)
    {
        if (change.Body is not { } body)
        {
            _removals.Add(change);
            return;
        }
        if (_part.Count > 0 && (_part.Count >= mostDocuments || _bytes + body.Length > mostBytes))
            EndPart();
        _part.Add(change);
        _bytes += body.Length;
    }

    public IReadOnlyList<ConsumerEffects> All()
    {
        _part.AddRange(_removals);
        _removals.Clear();
        if (_part.Count > 0)
            EndPart();
        return _parts;
    }

    private void EndPart()
    {
        _parts.Add(new ConsumerEffects(_part, []));
        (_part, _bytes) = ([], 0);
    }
}
