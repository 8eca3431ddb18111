using System.ComponentModel;

namespace Millrace.Serialization;

/// <summary>Enumerates the items of an array, or the pairs of a map.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public struct CborItems
{
    private int _remaining;

    internal CborItems(int count) => _remaining = count;

    /// <summary>Gets the items of an array or a map without a declared length. A break marks the end.</summary>
    internal static CborItems Unknown => new(-1);

    /// <summary>
    /// Returns whether another item follows. At the end, the method leaves the array or map. After that, do not call
    /// the method again.
    /// </summary>
    public bool Next(ref CborReader reader)
    {
        if (_remaining > 0)
        {
            _remaining--;
            return true;
        }
        if (_remaining < 0 && !reader.TryBreak())
            return true;
        reader.Leave();
        return false;
    }
}
