using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Turns CBOR into the JSON it means, and JSON into CBOR: for people, tools, and programs that know the other form
/// only. Safe to use from several threads.
/// </summary>
/// <remarks>
/// The CBOR of an event becomes, byte by byte, the JSON that the event has as JSON. JSON becomes CBOR that is read as
/// the same event, with the same digits in every number. Of CBOR that others wrote, bytes become Base64 (or what tags
/// 21 to 23 ask for), keys that are no texts become texts, and what JSON has no word for (not a number, infinite,
/// undefined) becomes null; tags that are not known are left out.
/// </remarks>
public static class CborJson
{
    /// <summary>The JSON of some CBOR, in UTF-8.</summary>
    /// <exception cref="MalformedCborException">
    /// It is not well formed: cut off, with a length beyond its end, deeper than 64 levels, a text that is not UTF-8, a
    /// key twice, or more behind its end; or it has a key that is an array or a map, or a number of more than 512 bytes
    /// or with an exponent beyond all measure.
    /// </exception>
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

    /// <summary>The JSON of some CBOR, in UTF-8; null where <see cref="ToJson"/> would throw.</summary>
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

    /// <summary>The CBOR of some JSON, given in UTF-8.</summary>
    /// <exception cref="JsonException">
    /// It is no JSON, deeper than 64 levels, has a name twice, a text that is not UTF-8, or a number of more than 1,200
    /// digits or with an exponent beyond a million.
    /// </exception>
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
