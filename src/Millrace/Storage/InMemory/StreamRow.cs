namespace Millrace.Storage.InMemory;

/// <summary>A stream.</summary>
internal sealed class StreamRow
{
    private readonly List<long> _positions = [];

    public StreamHead Head { get; set; } = StreamHead.None;

    public void Append(long position)
    {
        _positions.Add(position);
        Head = Head with { Version = _positions.Count, State = StreamState.Open };
    }

    /// <summary>The position of the event at a version, whether it is still there or not; 0 when there was never
    /// one.</summary>
    public long PositionOf(long version) =>
        version >= 1 && version <= _positions.Count ? _positions[(int)version - 1] : 0;
}
