using System.Buffers.Text;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Reads JSON values in generated code. The methods are strict. For example, they accept no numbers in texts, and null
/// only where it is allowed. They do not allocate memory, and exceptions contain the name of the member. Handwritten
/// code can also use this class.
/// </summary>
/// <remarks>
/// Every method reads the token at the reader's position. A method throws <see cref="JsonException"/> if the token is
/// not a value of the method's type.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class JsonRead
{
    private const int MaxTimeTextLength = 32;

    /// <summary>Returns whether the token is null.</summary>
    public static bool IsNull(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null;

    /// <summary>Checks that the token is the start of an object.</summary>
    public static void Object(ref Utf8JsonReader reader, string member)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw Wrong(ref reader, member, "an object");
    }

    /// <summary>
    /// Moves to the name of the next member and returns true, or moves to the end of the object and returns false.
    /// </summary>
    public static bool Member(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Stores a member that the type does not have.</summary>
    /// <param name="extra">The unknown members so far; null initially.</param>
    /// <param name="name">A reader at the name of the member.</param>
    /// <param name="reader">The reader, at the start of the value. The method reads up to the end of the value.</param>
    public static void Extra(
        ref Dictionary<string, JsonElement>? extra, ref Utf8JsonReader name, ref Utf8JsonReader reader)
    {
        extra ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        extra[name.GetString()!] = JsonElement.ParseValue(ref reader); // The name of a member is never null.
    }

    /// <summary>Checks that the token is the start of an array.</summary>
    public static void Array(ref Utf8JsonReader reader, string member)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Wrong(ref reader, member, "an array");
    }

    /// <summary>Moves to the next item and returns true, or moves to the end of the array and returns false.</summary>
    public static bool Item(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType != JsonTokenType.EndArray;
    }

    /// <summary>Reads the name of a member as the key of a dictionary entry.</summary>
    public static T Key<T>(ref Utf8JsonReader reader, string member)
        where T : IParsable<T> => ParseKey<T>(reader.GetString(), member);

    internal static T ParseKey<T>(string? text, string member)
        where T : IParsable<T>
    {
        // DateTime.Parse would convert UTC to local time. The JIT compiler removes the casts, because it knows T.
        if (typeof(T) == typeof(DateTime)
            && System.DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time))
            return (T)(object)time;
        return T.TryParse(text, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw Invalid(member, typeof(T).Name, $"'{Shorten(text)}' is not a valid key");
    }

    /// <summary>Reads a text.</summary>
    public static string String(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String
            ? reader.GetString()!
            : throw Wrong(ref reader, member, "a text"); // Only a null token returns null.

    /// <summary>Reads true or false.</summary>
    public static bool Boolean(ref Utf8JsonReader reader, string member) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Wrong(ref reader, member, "true or false"),
    };

    /// <summary>Reads a text of one character.</summary>
    public static char Char(ref Utf8JsonReader reader, string member) =>
        String(ref reader, member) is [var character]
            ? character
            : throw Wrong(ref reader, member, "a text of one character");

    /// <summary>Reads a whole number from -128 to 127.</summary>
    public static sbyte SByte(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetSByte(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number from -128 to 127");

    /// <summary>Reads a whole number from 0 to 255.</summary>
    public static byte Byte(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetByte(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number from 0 to 255");

    /// <summary>Reads a whole number of 16 bits.</summary>
    public static short Int16(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt16(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number of 16 bits");

    /// <summary>Reads a whole number of 16 bits, not negative.</summary>
    public static ushort UInt16(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt16(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number of 16 bits, not negative");

    /// <summary>Reads a whole number of 32 bits.</summary>
    public static int Int32(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number of 32 bits");

    /// <summary>Reads a whole number of 32 bits, not negative.</summary>
    public static uint UInt32(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number of 32 bits, not negative");

    /// <summary>Reads a whole number of 64 bits.</summary>
    public static long Int64(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number of 64 bits");

    /// <summary>Reads a whole number of 64 bits, not negative.</summary>
    public static ulong UInt64(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var value)
            ? value
            : throw Wrong(ref reader, member, "a whole number of 64 bits, not negative");

    /// <summary>Reads a number.</summary>
    public static float Single(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var value) && float.IsFinite(value)
            ? value
            : throw Wrong(ref reader, member, "a number");

    /// <summary>Reads a number.</summary>
    public static double Double(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw Wrong(ref reader, member, "a number");

    /// <summary>Reads a decimal number.</summary>
    public static decimal Decimal(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDecimal(out var value)
            ? value
            : throw Wrong(ref reader, member, "a decimal number");

    /// <summary>Reads a <see cref="System.Guid"/>.</summary>
    public static Guid Guid(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var value)
            ? value
            : throw Wrong(ref reader, member, "a GUID");

    /// <summary>Reads a date and time in the ISO 8601 form.</summary>
    public static DateTime DateTime(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String
        && (reader.TryGetDateTime(out var value) || TryReadLocal(ref reader, out value))
            ? value
            : throw Wrong(ref reader, member, "a date and time");

    /// <summary>Reads an instant in the ISO 8601 form.</summary>
    public static DateTimeOffset DateTimeOffset(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var value)
            ? value
            : throw Wrong(ref reader, member, "an instant");

    /// <summary>Reads a date, <c>2011-12-05</c>.</summary>
    public static DateOnly DateOnly(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String
            && reader is { HasValueSequence: false, ValueIsEscaped: false }
            && IsoDate.TryParse(reader.ValueSpan, out var value)
            ? value
            : throw Wrong(ref reader, member, "a date such as 2011-12-05");

    /// <summary>Reads a time of day, <c>17:30:00</c>.</summary>
    public static TimeOnly TimeOnly(ref Utf8JsonReader reader, string member) =>
        TryReadTime(ref reader, out var value) && value >= System.TimeSpan.Zero && value < System.TimeSpan.FromDays(1)
            ? System.TimeOnly.FromTimeSpan(value)
            : throw Wrong(ref reader, member, "a time of day such as 17:30:00");

    /// <summary>Reads a duration, <c>1.02:03:04</c> (days, hours, minutes, seconds).</summary>
    public static TimeSpan TimeSpan(ref Utf8JsonReader reader, string member) =>
        TryReadTime(ref reader, out var value)
            ? value
            : throw Wrong(ref reader, member, "a duration such as 1.02:03:04");

    /// <summary>Reads a <see cref="System.Uri"/>, absolute or relative.</summary>
    public static Uri Uri(ref Utf8JsonReader reader, string member) =>
        String(ref reader, member) is var text
        // A path is never read as a file URI, because platforms differ in this behavior.
        && System.Uri.TryCreate(
            text, text.StartsWith('/') ? UriKind.Relative : UriKind.RelativeOrAbsolute, out var value)
            ? value
            : throw Wrong(ref reader, member, "a URI");

    /// <summary>Reads bytes in Base64.</summary>
    public static byte[] Bytes(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var value)
            ? value
            : throw Wrong(ref reader, member, "Base64");

    /// <summary>Reads any JSON.</summary>
    public static JsonElement Element(ref Utf8JsonReader reader, string member) => JsonElement.ParseValue(ref reader);

    /// <summary>Creates the exception for a missing member.</summary>
    public static JsonException Missing(string member, string type) =>
        Problem(member, $"The member '{member}' of {type} is missing or null.");

    /// <summary>Creates the exception for a value that breaks the rule of its type.</summary>
    public static JsonException Invalid(string member, string type, string problem) =>
        Problem(member, $"The member '{member}' is not a valid {type}: {problem}.");

    /// <summary>Creates the exception for a token of another kind.</summary>
    public static JsonException Wrong(ref Utf8JsonReader reader, string member, string expected) =>
        Problem(member, $"The member '{member}' must be {expected}, but is {Describe(ref reader)}.");

    private static JsonException Problem(string member, string message) =>
        new(message, "$." + member, lineNumber: null, bytePositionInLine: null);

    private static string Describe(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Number => "another number",
        JsonTokenType.String => "another text",
        _ => "nothing",
    };

    /// <summary>
    /// Reads a local time in the first or last hours of the supported range, whose UTC time is out of range.
    /// </summary>
    private static bool TryReadLocal(ref Utf8JsonReader reader, out DateTime value)
    {
        value = default;
        // The sign of the offset may be escaped.
        var isShort = !reader.HasValueSequence && reader.ValueSpan.Length <= 2 * MaxTimeTextLength;
        return isShort
            && System.DateTime.TryParseExact(
                reader.GetString(),
                "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
                CultureInfo.InvariantCulture,
                DateTimeStyles.RoundtripKind,
                out value);
    }

    private static bool TryReadTime(ref Utf8JsonReader reader, out TimeSpan value)
    {
        value = default;
        var isText = reader is { TokenType: JsonTokenType.String, HasValueSequence: false, ValueIsEscaped: false };
        return isText
            && reader.ValueSpan.Length <= MaxTimeTextLength
            && Utf8Parser.TryParse(reader.ValueSpan, out value, out var consumed, 'c')
            && consumed == reader.ValueSpan.Length;
    }

    internal static string? Shorten(string? text) => text is { Length: > 80 } ? text[..77] + "..." : text;
}
