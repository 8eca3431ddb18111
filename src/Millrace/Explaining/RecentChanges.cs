using System.Collections;

namespace Millrace.Explaining;

/// <summary>
/// The last changes, up to a maximum number of changes and of bytes. The last change is always included.
/// </summary>
/// <param name="max">The maximum number of changes. If it is 0, no change is included.</param>
internal sealed class RecentChanges<T>(int max) : IReadOnlyCollection<T>
{
    /// <summary>The maximum number of bytes, without the last change.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int BytesPerEvent = 500;

    private readonly Queue<(T Change, long Bytes)> _changes = new();
    private long _bytes;

    /// <summary>Gets the number of changes.</summary>
    public int Count => _changes.Count;

    /// <summary>Adds a change, and removes old changes if a maximum is exceeded.</summary>
    /// <param name="change">The change.</param>
    /// <param name="recorded">The event that caused the change.</param>
    /// <param name="size">The number of bytes without the event.</param>
    public void Add(T change, RecordedEvent recorded, long size)
    {
        if (max == 0)
            return;
        var bytes = BytesPerEvent + recorded.Payload.Length + size;
        _changes.Enqueue((change, bytes));
        _bytes += bytes;
        while (_changes.Count > 1 && (_changes.Count > max || _bytes > MaxBytes))
            _bytes -= _changes.Dequeue().Bytes;
    }

    /// <summary>Removes all changes.</summary>
    public void Clear()
    {
        _changes.Clear();
        _bytes = 0;
    }

    /// <summary>Enumerates the changes, oldest first.</summary>
    public IEnumerator<T> GetEnumerator()
    {
        foreach (var (change, _) in _changes)
            yield return change;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
