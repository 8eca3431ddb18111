using System.Collections;

namespace Millrace;

/// <summary>
/// The last of the changes that are found: as many as are asked for and as have room. The last one has room whatever it
/// takes.
/// </summary>
/// <param name="most">The most to keep; 0 for none.</param>
internal sealed class RecentChanges<T>(int most) : IReadOnlyCollection<T>
{
    /// <summary>The most bytes that are kept, beyond the last change.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int BytesPerEvent = 500;

    private readonly Queue<(T Change, long Bytes)> _changes = new();
    private long _bytes;

    /// <summary>How many are kept.</summary>
    public int Count => _changes.Count;

    /// <summary>Keeps a change in the place of as many older ones as it takes.</summary>
    /// <param name="change">The change.</param>
    /// <param name="recorded">The event that made it.</param>
    /// <param name="size">How many bytes it holds beside the event.</param>
    public void Add(T change, RecordedEvent recorded, long size)
    {
        if (most == 0)
            return;
        var bytes = BytesPerEvent + recorded.Payload.Length + size;
        _changes.Enqueue((change, bytes));
        _bytes += bytes;
        while (_changes.Count > 1 && (_changes.Count > most || _bytes > MaxBytes))
            _bytes -= _changes.Dequeue().Bytes;
    }

    /// <summary>From the oldest on.</summary>
    public IEnumerator<T> GetEnumerator()
    {
        foreach (var (change, _) in _changes)
            yield return change;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
