using Millrace.Shared.Transports;

namespace Millrace.Kafka;

/// <summary>
/// The progress of a consumer group in a partition. After a restart, the group continues with the first message that
/// was not handled.
/// </summary>
internal sealed class PartitionProgress(int number)
{
    private const long None = -1; // No message was received, so there is no offset to commit.

    private readonly OpenSequenceNumbers _open = new();
    private long _next = None;
    private long _committed = None;

    public int Number { get; } = number;

    /// <summary>Gets the offset to commit; null if the broker already has it.</summary>
    public long? Due => Position > _committed ? Position : null;

    private long Position => _open.First ?? _next;

    /// <summary>Adds a message. Messages of a partition come in the order of their offsets.</summary>
    public void Begin(long offset)
    {
        if (_next == None)
            _committed = offset;
        _open.Add(offset);
        _next = offset + 1;
    }

    /// <summary>Gets the number of unfinished messages.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Returns true if a message is unfinished.</summary>
    public bool IsOpen(long offset) => _open.Contains(offset);

    /// <summary>Finishes a message; returns false if it was already finished.</summary>
    public bool Finish(long offset) => _open.Finish(offset);

    public void Committed(long position) => _committed = Math.Max(_committed, position);
}
