using System.ComponentModel;

namespace Millrace.Serialization;

/// <summary>Counts the items of an array, or the pairs of a map, down to its end.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public struct CborItems
{
    private int _left;

    internal CborItems(int left) => _left = left;

    /// <summary>Those of an array or map whose length is not told: a mark ends them.</summary>
    internal static CborItems Unknown => new(-1);

    /// <summary>Whether another item follows; at the end leaves the array or map, and is not to be asked
    /// again.</summary>
    public bool Next(ref CborReader reader)
    {
        if (_left > 0)
        {
            _left--;
            return true;
        }
        if (_left < 0 && !reader.TryBreak())
            return true;
        reader.Leave();
        return false;
    }
}
