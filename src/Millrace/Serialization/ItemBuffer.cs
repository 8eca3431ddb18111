using System.Buffers;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Millrace.Serialization;

/// <summary>
/// Collects the items of an array of unknown length in a rented array, so that only the result is allocated. Dispose
/// the buffer after use.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref struct ItemBuffer<T>
{
    private const int FirstLength = 16;

    private T[]? _rented;
    private int _count;

    /// <summary>Adds an item.</summary>
    public void Add(T item)
    {
        if (_rented is null || _count == _rented.Length)
            Grow();
        _rented![_count++] = item; // Grow has rented the array.
    }

    /// <summary>Copies the items to a new array.</summary>
    public readonly T[] ToArray() => _count == 0 ? [] : _rented.AsSpan(0, _count).ToArray();

    /// <summary>Returns the rented array to its pool.</summary>
    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<T>.Shared.Return(_rented, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        _rented = null;
    }

    private void Grow()
    {
        var larger = ArrayPool<T>.Shared.Rent(_rented is null ? FirstLength : _rented.Length * 2);
        _rented.AsSpan(0, _count).CopyTo(larger);
        var count = _count;
        Dispose();
        _rented = larger;
        _count = count;
    }
}
