using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>Converts CBOR to JSON, following RFC 8949 §6.1 and the definitions of the registered tags.</summary>
internal static class CborToJson
{
    private static readonly SearchValues<byte> TimeMarks = SearchValues.Create("0123456789-:.+TZ"u8);

    /// <summary>Writes the item at the reader's position.</summary>
    /// <param name="reader">The reader. The method moves it to the end of the item.</param>
    /// <param name="writer">The writer, to which the method writes one value.</param>
    /// <param name="bytesTag">The tag of the text encoding for bytes, which is 21, 22 or 23.</param>
    /// <exception cref="MalformedCborException">The item is not well formed, or cannot be converted to
    /// JSON.</exception>
    public static void Write(ref CborReader reader, Utf8JsonWriter writer, ulong bytesTag = CborTag.Base64)
    {
        switch (reader.Peek() >> 5)
        {
            case CborMajor.Unsigned:
                writer.WriteNumberValue(reader.ReadHead().Argument);
                break;
            case CborMajor.Negative:
                WriteNegative(ref reader, writer);
                break;
            case CborMajor.Bytes:
                WriteBytes(CborText.Read(ref reader, CborMajor.Bytes), writer, bytesTag);
                break;
            case CborMajor.Text:
                writer.WriteStringValue(CborText.Read(ref reader, CborMajor.Text));
                break;
            case CborMajor.Array:
                WriteArray(ref reader, writer, bytesTag);
                break;
            case CborMajor.Map:
                WriteMap(ref reader, writer, bytesTag);
                break;
            case CborMajor.Tag:
                WriteTagged(ref reader, writer, bytesTag);
                break;
            default:
                WriteSimple(ref reader, writer);
                break;
        }
    }

    /// <summary>Reads the key of a map, and returns its text in JSON.</summary>
    public static string KeyText(ref CborReader reader)
    {
        if (CborText.TryRead(ref reader, out string text))
            return text;
        if (reader.Peek() >> 5 is CborMajor.Array or CborMajor.Map)
            throw reader.Wrong("the key of a map is an array or a map, which JSON does not support");
        using var buffer = new CborJsonBuffer(ref reader);
        var json = buffer.Reader;
        return json.TokenType switch
        {
            JsonTokenType.String => json.GetString()!, // Only a null token returns null.
            JsonTokenType.StartArray or JsonTokenType.StartObject =>
                throw reader.Wrong("the key of a map is an array or a map, which JSON does not support"),
            _ => Encoding.UTF8.GetString(json.ValueSpan),
        };
    }

    private static void WriteNegative(ref CborReader reader, Utf8JsonWriter writer)
    {
        var argument = reader.ReadHead().Argument;
        if (argument <= long.MaxValue)
            writer.WriteNumberValue(~(long)argument);
        else
            CborNumber.WriteInteger(writer, -1 - (System.Numerics.BigInteger)argument);
    }

    private static void WriteArray(ref CborReader reader, Utf8JsonWriter writer, ulong bytesTag)
    {
        var items = reader.Items(reader.ReadHead());
        writer.WriteStartArray();
        while (items.Next(ref reader))
            Write(ref reader, writer, bytesTag);
        writer.WriteEndArray();
    }

    private static void WriteMap(ref CborReader reader, Utf8JsonWriter writer, ulong bytesTag)
    {
        var pairs = reader.Items(reader.ReadHead());
        var names = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartObject();
        while (pairs.Next(ref reader))
        {
            var name = KeyText(ref reader);
            if (!names.Add(name))
                throw reader.Wrong($"a map contains the key '{JsonRead.Shorten(name)}' twice");
            writer.WritePropertyName(name);
            Write(ref reader, writer, bytesTag);
        }
        writer.WriteEndObject();
    }

    private static void WriteTagged(ref CborReader reader, Utf8JsonWriter writer, ulong bytesTag)
    {
        reader.Enter();
        var tag = reader.ReadHead().Argument;
        var ahead = reader;
        if (TryWriteMeaning(ref ahead, tag, writer))
            reader = ahead;
        else
            Write(ref reader, writer, tag is CborTag.Base64Url or CborTag.Base64 or CborTag.Base16 ? tag : bytesTag);
        reader.Leave();
    }

    /// <summary>
    /// Writes a tagged item as the tag defines. Returns false if the tag only annotates its content, or if the content
    /// does not match the tag.
    /// </summary>
    private static bool TryWriteMeaning(ref CborReader reader, ulong tag, Utf8JsonWriter writer)
    {
        switch (tag)
        {
            case CborTag.EpochTime when CborTime.TryReadSeconds(ref reader, out var time):
            case CborTag.ExtendedTime when CborTime.TryReadExtended(ref reader, out time):
                writer.WriteStringValue(time);
                return true;
            case CborTag.TimeText:
                return TryWriteTime(ref reader, writer);
            case CborTag.EpochTime:
                return CborNumber.TryWriteEpoch(ref reader, writer);
            case CborTag.Days when CborRead.TryDate(ref reader, out var day):
                WriteDate(day, writer);
                return true;
            case CborTag.Uuid when reader.TrySkip((CborMajor.Bytes << 5) | 16):
                writer.WriteStringValue(new Guid(reader.Take(16), bigEndian: true));
                return true;
            case CborTag.Unsigned or CborTag.Negative:
                return CborNumber.TryWriteLarge(ref reader, writer, tag == CborTag.Negative);
            case CborTag.DecimalFraction:
                return CborNumber.TryWriteDecimal(ref reader, writer);
            case CborTag.BigFloat:
                return CborNumber.TryWriteBigFloat(ref reader, writer);
            default:
                return false;
        }
    }

    /// <summary>Writes an instant that is a text, without an escape for its plus sign.</summary>
    private static bool TryWriteTime(ref CborReader reader, Utf8JsonWriter writer)
    {
        if (!CborText.TryRead(ref reader, out ReadOnlySpan<byte> text) || text.ContainsAnyExcept(TimeMarks))
            return false;
        Span<byte> quoted = stackalloc byte[CborTime.MaxTextLength + 2];
        if (text.Length > CborTime.MaxTextLength)
            return false;
        quoted[0] = quoted[text.Length + 1] = (byte)'"';
        text.CopyTo(quoted[1..]);
        writer.WriteRawValue(quoted[..(text.Length + 2)], skipInputValidation: true);
        return true;
    }

    private static void WriteDate(DateOnly day, Utf8JsonWriter writer)
    {
        Span<byte> text = stackalloc byte[IsoDate.Length];
        IsoDate.Format(day, text);
        writer.WriteStringValue(text);
    }

    private static void WriteBytes(ReadOnlySpan<byte> bytes, Utf8JsonWriter writer, ulong bytesTag)
    {
        switch (bytesTag)
        {
            case CborTag.Base64Url:
                writer.WriteStringValue(Base64Url.EncodeToUtf8(bytes));
                break;
            case CborTag.Base16:
                writer.WriteStringValue(Convert.ToHexString(bytes));
                break;
            default:
                writer.WriteBase64StringValue(bytes);
                break;
        }
    }

    private static void WriteSimple(ref CborReader reader, Utf8JsonWriter writer)
    {
        var first = reader.Peek();
        var head = reader.ReadHead();
        switch (first)
        {
            case CborMajor.False or CborMajor.True:
                writer.WriteBooleanValue(first == CborMajor.True);
                break;
            case CborMajor.Half:
                CborNumber.WriteHalf(writer, BitConverter.UInt16BitsToHalf((ushort)head.Argument));
                break;
            case CborMajor.Single:
                CborNumber.WriteSingle(writer, BitConverter.UInt32BitsToSingle((uint)head.Argument));
                break;
            case CborMajor.Double:
                CborNumber.WriteDouble(writer, BitConverter.UInt64BitsToDouble(head.Argument));
                break;
            case CborMajor.Break:
                throw reader.Wrong("a break is where a value is expected");
            default:
                writer.WriteNullValue(); // Null, undefined, and unassigned values.
                break;
        }
    }
}
