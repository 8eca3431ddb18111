using Millrace.Storage;

namespace Millrace;

/// <summary>Divides documents into commits of limited size. Removals are in the last commit.</summary>
internal sealed class EffectChunker(int maxDocuments, long maxBytes)
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
        if (_part.Count > 0 && (_part.Count >= maxDocuments || _bytes + body.Length > maxBytes))
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
        _part = [];
        _bytes = 0;
    }
}
