namespace Millrace.Storage.InMemory;

/// <summary>The head of a stream and the positions of its events.</summary>
internal sealed class StreamRow
{
    private readonly List<long> _positions = [];

    public StreamHead Head { get; set; } = StreamHead.None;

    public void Append(long position)
    {
        _positions.Add(position);
        Head = Head with { Version = _positions.Count, State = StreamState.Open };
    }

    /// <summary>Appends an event after versions whose events were removed.</summary>
    public void AppendAt(long version, long position)
    {
        while (_positions.Count < version - 1)
            _positions.Add(0);
        Append(position);
    }

    /// <summary>
    /// Returns the position of the event at a version, even if the event was removed; 0 if the version never existed.
    /// </summary>
    public long PositionOf(long version) =>
        version >= 1 && version <= _positions.Count ? _positions[(int)version - 1] : 0;
}
