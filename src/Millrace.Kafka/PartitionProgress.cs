using Millrace.Adapters;

namespace Millrace.Kafka;

/// <summary>How far a partition is: its group goes on behind the last message of which all before it are
/// done.</summary>
internal sealed class PartitionProgress(int number)
{
    private const long None = -1; // Nothing has come, so there is nothing to say.

    private readonly OpenSequenceNumbers _open = new();
    private long _next = None;
    private long _committed = None;

    public int Number { get; } = number;

    /// <summary>Where the group goes on when nothing else is done; null when the broker knows it already.</summary>
    public long? Due => Position > _committed ? Position : null;

    private long Position => _open.First ?? _next;

    /// <summary>Notes a message that came. Those of a partition come in the order of their offsets.</summary>
    public void Begin(long offset)
    {
        if (_next == None)
            _committed = offset;
        _open.Add(offset);
        _next = offset + 1;
    }

    /// <summary>How many are not done.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Whether a message is not done.</summary>
    public bool IsOpen(long offset) => _open.Contains(offset);

    /// <summary>Notes that a message is done; false when it was.</summary>
    public bool Finish(long offset) => _open.Finish(offset);

    public void Committed(long position) => _committed = Math.Max(_committed, position);
}
