using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Finds the derived type of an object by its discriminator, which can be anywhere in the object. Immutable.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public sealed class TypeDiscriminators
{
    /// <summary>
    /// The result of <see cref="Find(ref Utf8JsonReader, string)"/> for an object without a discriminator.
    /// </summary>
    public const int None = -1;

    /// <summary>
    /// The result of <see cref="Find(ref Utf8JsonReader, string)"/> for an unknown discriminator, if unknown
    /// discriminators are ignored.
    /// </summary>
    public const int Unknown = -2;

    private readonly byte[] _name;
    private readonly CborNames _cborName;
    private readonly bool _ignoresUnknown;
    private readonly object[] _discriminators;
    private readonly byte[]?[] _texts;
    private readonly string _all;

    /// <summary>Creates the list of discriminators.</summary>
    /// <param name="name">The name of the discriminator member.</param>
    /// <param name="ignoresUnknown">True to ignore unknown discriminators.</param>
    /// <param name="marks">The discriminators, which are texts or 32-bit numbers.</param>
    public TypeDiscriminators(string name, bool ignoresUnknown, params object[] marks)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(marks);
        Name = name;
        _ignoresUnknown = ignoresUnknown;
        _discriminators = marks;
        _name = Encoding.UTF8.GetBytes(name);
        _cborName = new CborNames(name);
        _texts = [.. marks.Select(mark => mark is string text ? Encoding.UTF8.GetBytes(text) : null)];
        _all = string.Join(", ", marks.Select(mark => string.Create(CultureInfo.InvariantCulture, $"{mark}")));
    }

    /// <summary>Gets the name of the discriminator member.</summary>
    public string Name { get; }

    /// <summary>Finds the discriminator of an object.</summary>
    /// <param name="reader">The reader, positioned at the start of the object; it is not moved.</param>
    /// <param name="member">The object's name in errors.</param>
    /// <returns>The index of the discriminator, or <see cref="None"/> or <see cref="Unknown"/>.</returns>
    /// <exception cref="JsonException">The value is not an object, or its discriminator is not in the list.</exception>
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
    /// <param name="reader">The reader, positioned at the start of the object; it is not moved.</param>
    /// <param name="member">The object's name in errors.</param>
    /// <returns>The index of the discriminator, or <see cref="None"/> or <see cref="Unknown"/>.</returns>
    /// <exception cref="JsonException">The value is not an object, or its discriminator is not in the list.</exception>
    public int Find(ref CborReader reader, string member)
    {
        var ahead = reader;
        var members = CborRead.Object(ref ahead, _cborName, member);
        while (members.Next(ref ahead))
        {
            if (members.Index == 0)
                return Find(ref ahead);
            ahead.Skip();
        }
        return None;
    }

    /// <summary>Creates the exception for an object without a discriminator.</summary>
    public JsonException Missing(string member, string type) => new(
        $"The member '{member}' must contain '{Name}' to select a type of {type}: one of {_all}.",
        "$." + member,
        null,
        null);

    private int Find(ref Utf8JsonReader reader)
    {
        var isNumber = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _);
        if (!isNumber && reader.TokenType != JsonTokenType.String)
            throw JsonRead.Wrong(ref reader, Name, "one of " + _all);
        for (var index = 0; index < _discriminators.Length; index++)
        {
            if (_texts[index] is { } text
                ? reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text)
                : isNumber && reader.GetInt32() == (int)_discriminators[index])
            {
                return index;
            }
        }
        return _ignoresUnknown ? Unknown : throw JsonRead.Wrong(ref reader, Name, "one of " + _all);
    }

    private int Find(ref CborReader reader)
    {
        var start = reader;
        var isText = CborText.TryRead(ref reader, out ReadOnlySpan<byte> discriminator);
        var number = isText ? 0 : CborRead.Int32(ref reader, Name);
        for (var index = 0; index < _discriminators.Length; index++)
        {
            if (_texts[index] is { } text
                    ? isText && discriminator.SequenceEqual(text)
                    : !isText && number == (int)_discriminators[index])
                return index;
        }
        return _ignoresUnknown ? Unknown : throw CborRead.Wrong(ref start, Name, "one of " + _all);
    }
}
