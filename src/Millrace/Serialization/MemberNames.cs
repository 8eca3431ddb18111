using System.ComponentModel;
using System.Text;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// The names of an object's members in the order in which they are written. Members are usually read in the same order,
/// so the search first tries the next name. Immutable.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class MemberNames
{
    /// <summary>The result of <see cref="Find"/> for a member that is not in the list.</summary>
    public const int Unknown = -1;

    private readonly byte[][] _names;

    /// <summary>Creates the list of names.</summary>
    public MemberNames(params ReadOnlySpan<string> names)
    {
        _names = new byte[names.Length][];
        for (var index = 0; index < names.Length; index++)
            _names[index] = Encoding.UTF8.GetBytes(names[index]);
    }

    /// <summary>Moves from the name of a member to its value.</summary>
    /// <param name="reader">The reader, positioned at the name.</param>
    /// <param name="next">The index of the expected member; 0 initially. The method sets it to the index after the
    /// found member.</param>
    /// <returns>The index of the member, or <see cref="Unknown"/>.</returns>
    public int Find(ref Utf8JsonReader reader, ref int next)
    {
        var names = _names;
        var found =
            (uint)next < (uint)names.Length && reader.ValueTextEquals(names[next])
                ? next
                : Search(ref reader, names, next);
        if (found >= 0)
            next = found + 1;
        reader.Read();
        return found;
    }

    internal bool Contains(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        foreach (var candidate in _names)
        {
            if (candidate.AsSpan().SequenceEqual(text))
                return true;
        }
        return false;
    }

    private static int Search(ref Utf8JsonReader reader, byte[][] names, int next)
    {
        for (var step = 1; step <= names.Length; step++)
        {
            var index = (next + step) % names.Length;
            if (reader.ValueTextEquals(names[index]))
                return index;
        }
        return Unknown;
    }
}
