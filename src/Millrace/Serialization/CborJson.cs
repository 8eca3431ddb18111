using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Converts CBOR to JSON and JSON to CBOR, for display, for tools, and for programs that only support one format.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The conversion of an event from CBOR to JSON returns exactly the bytes of the event as JSON. The conversion from
/// JSON to CBOR returns bytes that are read as the same event, with the same digits in every number. In CBOR from other
/// programs, bytes become Base64 (or the encoding of tags 21 to 23) and non-text keys become texts. Values that JSON
/// does not support, such as NaN, infinity and undefined, become null. Unknown tags are omitted.
/// </remarks>
public static class CborJson
{
    /// <summary>Converts CBOR to JSON in UTF-8.</summary>
    /// <exception cref="MalformedCborException">The CBOR is not well formed or cannot be converted. For example, it is
    /// truncated, declares a length beyond its end, is deeper than 64 levels, or is followed by more data. Other
    /// examples are text that is not UTF-8, and a key that occurs twice. The conversion also does not support keys that
    /// are arrays or maps, numbers of more than 512 bytes, and exponents out of range.</exception>
    public static byte[] ToJson(ReadOnlySpan<byte> cbor)
    {
        var reader = new CborReader(cbor);
        var buffer = JsonBuffers.RentBuffer();
        var writer = JsonBuffers.Rent(buffer);
        try
        {
            CborToJson.Write(ref reader, writer);
            reader.End();
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            JsonBuffers.Return(writer);
            JsonBuffers.Return(buffer);
        }
    }

    /// <summary>
    /// Converts CBOR to JSON in UTF-8. Returns null if <see cref="ToJson"/> would throw an exception.
    /// </summary>
    public static byte[]? TryToJson(ReadOnlySpan<byte> cbor)
    {
        try
        {
            return ToJson(cbor);
        }
        catch (MalformedCborException)
        {
            return null;
        }
    }

    /// <summary>Converts JSON in UTF-8 to CBOR.</summary>
    /// <exception cref="JsonException">The text is not JSON, is deeper than 64 levels, contains a name twice, or
    /// contains text that is not UTF-8. Also thrown for a number with more than 1,200 digits or an exponent beyond a
    /// million.</exception>
    public static byte[] FromJson(ReadOnlySpan<byte> json)
    {
        var writer = new CborWriter(CborScratch.Rent());
        try
        {
            JsonToCbor.Write(ref writer, json);
            return writer.Written.ToArray();
        }
        finally
        {
            CborScratch.Return(ref writer);
        }
    }
}
