using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Finds which of the types that a declared type lists an object is of: by its discriminator, which may be any of its
/// members. Immutable.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class TypeDiscriminators
{
    /// <summary>What <see cref="Find(ref Utf8JsonReader, string)"/> returns for an object without a
    /// discriminator.</summary>
    public const int None = -1;

    /// <summary>What it returns for a discriminator that is not listed, where those are ignored.</summary>
    public const int Unknown = -2;

    private readonly byte[] _name;
    private readonly CborNames _cborName;
    private readonly bool _ignoresUnknown;
    private readonly object[] _marks;
    private readonly byte[]?[] _texts;
    private readonly string _all;

    /// <summary>Makes the discriminators.</summary>
    /// <param name="name">The name of the member that holds one.</param>
    /// <param name="ignoresUnknown">Whether one that is not listed is ignored.</param>
    /// <param name="marks">The texts and the numbers of 32 bits.</param>
    public TypeDiscriminators(string name, bool ignoresUnknown, params object[] marks)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(marks);
        (Name, _ignoresUnknown, _marks) = (name, ignoresUnknown, marks);
        _name = Encoding.UTF8.GetBytes(name);
        _cborName = new CborNames(name);
        _texts = [.. marks.Select(mark => mark is string text ? Encoding.UTF8.GetBytes(text) : null)];
        _all = string.Join(", ", marks.Select(mark => string.Create(CultureInfo.InvariantCulture, $"{mark}")));
    }

    /// <summary>The name of the member that holds the discriminator.</summary>
    public string Name { get; }

    /// <summary>Finds the discriminator of an object.</summary>
    /// <param name="reader">Stands at the start of the object, and stays there.</param>
    /// <param name="member">The object's name in errors.</param>
    /// <returns>The index of the discriminator, or <see cref="None"/> or <see cref="Unknown"/>.</returns>
    /// <exception cref="JsonException">It is no object, or its discriminator is not listed.</exception>
    public int Find(ref Utf8JsonReader reader, string member)
    {
        JsonRead.Object(ref reader, member);
        var ahead = reader;
        while (JsonRead.Member(ref ahead))
        {
            var isFound = ahead.ValueTextEquals(_name);
            ahead.Read();
            if (isFound)
                return Find(ref ahead);
            ahead.TrySkip();
        }
        return None;
    }

    /// <summary>Finds the discriminator of an object in CBOR.</summary>
    /// <param name="reader">Stands at the start of the object, and stays there.</param>
    /// <param name="member">The object's name in errors.</param>
    /// <returns>The index of the discriminator, or <see cref="None"/> or <see cref="Unknown"/>.</returns>
    /// <exception cref="JsonException">It is no object, or its discriminator is not listed.</exception>
    public int Find(ref CborReader reader, string member)
    {
        var ahead = reader;
        var walk = CborRead.Object(ref ahead, _cborName, member);
        while (walk.Next(ref ahead))
        {
            if (walk.Index == 0)
                return Find(ref ahead);
            ahead.Skip();
        }
        return None;
    }

    /// <summary>The error for an object that does not say which of the types it is of.</summary>
    public JsonException Missing(string member, string type) => new(
        $"The member '{member}' must say by '{Name}' which {type} it is: one of {_all}.", "$." + member, null, null);

    private int Find(ref Utf8JsonReader reader)
    {
        var isNumber = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _);
        if (!isNumber && reader.TokenType != JsonTokenType.String)
            throw JsonRead.Wrong(ref reader, Name, "one of " + _all);
        for (var index = 0; index < _marks.Length; index++)
        {
            if (_texts[index] is { } text
                ? reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text)
                : isNumber && reader.GetInt32() == (int)_marks[index])
            {
                return index;
            }
        }
        return _ignoresUnknown ? Unknown : throw JsonRead.Wrong(ref reader, Name, "one of " + _all);
    }

    private int Find(ref CborReader reader)
    {
        var start = reader;
        var isText = CborText.TryRead(ref reader, out ReadOnlySpan<byte> given);
        var number = isText ? 0 : CborRead.Int32(ref reader, Name);
        for (var index = 0; index < _marks.Length; index++)
        {
            if (_texts[index] is { } text
                    ? isText && given.SequenceEqual(text)
                    : !isText && number == (int)_marks[index])
                return index;
        }
        return _ignoresUnknown ? Unknown : throw CborRead.Wrong(ref start, Name, "one of " + _all);
    }
}
