using System.ComponentModel;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>Enumerates the members of an object.</summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public struct CborMembers
{
    private readonly CborNames _names;
    private CborItems _items;
    private int _next;
    private int _keyPosition;
    private ulong _seenBelow64;
    private HashSet<int>? _seenFrom64;

    internal CborMembers(CborNames names, CborItems items)
    {
        _names = names;
        _items = items;
    }

    /// <summary>
    /// Gets the index of the member whose value is next; <see cref="CborNames.Unknown"/> if the name is not in the
    /// list.
    /// </summary>
    public int Index { get; private set; }

    /// <summary>Moves from the end of a value to the next value. Returns false at the end of the object.</summary>
    /// <exception cref="MalformedCborException">The object contains a member twice.</exception>
    public bool Next(ref CborReader reader)
    {
        if (!_items.Next(ref reader))
            return false;
        _keyPosition = reader.Offset;
        Index =
            (uint)_next < (uint)_names.Count && reader.TrySkip(_names[_next])
                ? _next
                : _names.ReadOther(ref reader, _next);
        if (Index < 0)
        {
            reader.Skip();
            return true;
        }
        _next = Index + 1;
        if (Index < 64 ? (_seenBelow64 & (1UL << Index)) != 0 : !(_seenFrom64 ??= []).Add(Index))
            throw new MalformedCborException("an object contains a member twice", _keyPosition);
        if (Index < 64)
            _seenBelow64 |= 1UL << Index;
        return true;
    }

    /// <summary>Stores the value of a member that the type does not have.</summary>
    /// <param name="extra">The unknown members so far; null initially.</param>
    /// <param name="reader">The reader, at the start of the value. The method reads up to the end of the value.</param>
    public readonly void Keep(ref Dictionary<string, JsonElement>? extra, ref CborReader reader)
    {
        extra ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var key = reader.At(_keyPosition);
        if (!extra.TryAdd(CborToJson.KeyText(ref key), CborRead.Element(ref reader, "")))
            throw new MalformedCborException("an object contains a member twice", _keyPosition);
    }
}
