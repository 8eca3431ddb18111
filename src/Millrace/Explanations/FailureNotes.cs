namespace Millrace;

/// <summary>The events that could not be read or folded: how many, and the first of them.</summary>
internal sealed class FailureNotes
{
    private const int MostNoted = 10;

    private readonly List<FoldFailure> _first = [];

    public long Count { get; private set; }

    public IReadOnlyList<FoldFailure> First => _first;

    public void Add(RecordedEvent recorded, Exception exception)
    {
        Count++;
        if (_first.Count < MostNoted)
            _first.Add(new FoldFailure(recorded.Position, recorded.Type, exception.Message));
    }
}
