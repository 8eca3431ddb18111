using System.ComponentModel;
using System.Text;

namespace Millrace.Serialization;

/// <summary>
/// The encoded names of an object's members or an enumeration's values. Each name is encoded as CBOR text with its
/// length. Members are usually in the order in which they were written. So the search first tries the next name, with a
/// single comparison of bytes. Immutable.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class CborNames
{
    /// <summary>The index of a name that is not in the list.</summary>
    public const int Unknown = -1;

    private readonly byte[][] _encoded;
    private readonly byte[][] _texts;

    /// <summary>Creates the list of names.</summary>
    public CborNames(params ReadOnlySpan<string> names)
    {
        _encoded = new byte[names.Length][];
        _texts = new byte[names.Length][];
        for (var index = 0; index < names.Length; index++)
        {
            _texts[index] = Encoding.UTF8.GetBytes(names[index]);
            var writer = new CborWriter(new byte[_texts[index].Length + 8]);
            writer.WriteText(_texts[index]);
            _encoded[index] = writer.Written.ToArray();
            writer.Dispose();
        }
    }

    internal int Count => _encoded.Length;

    internal ReadOnlySpan<byte> this[int index] => _encoded[index];

    /// <summary>Reads a text that is one of the names.</summary>
    /// <param name="reader">The reader, positioned at the text. If the text is not in the list, the method does not
    /// move the reader.</param>
    /// <returns>The index of the name, or <see cref="Unknown"/>.</returns>
    public int Read(ref CborReader reader)
    {
        for (var index = 0; index < _encoded.Length; index++)
        {
            if (reader.TrySkip(_encoded[index]))
                return index;
        }
        var ahead = reader;
        if (CborText.TryRead(ref ahead, out ReadOnlySpan<byte> text))
        {
            for (var index = 0; index < _texts.Length; index++)
            {
                if (!text.SequenceEqual(_texts[index]))
                    continue;
                reader = ahead;
                return index;
            }
        }
        return Unknown;
    }

    /// <summary>Reads a text that is one of the names, but not the expected name.</summary>
    internal int ReadOther(ref CborReader reader, int expected)
    {
        for (var step = 1; step < _encoded.Length; step++)
        {
            var index = (expected + step) % _encoded.Length;
            if (reader.TrySkip(_encoded[index]))
                return index;
        }
        return Read(ref reader);
    }

    internal bool Contains(string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        return Array.Exists(_texts, candidate => candidate.AsSpan().SequenceEqual(text));
    }
}
