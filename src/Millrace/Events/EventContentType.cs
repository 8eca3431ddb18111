namespace Millrace;

/// <summary>The media types of payloads.</summary>
public static class EventContentType
{
    /// <summary>JSON text in UTF-8.</summary>
    public const string Json = "application/json";

    /// <summary>CBOR, the compact binary format of RFC 8949.</summary>
    public const string Cbor = "application/cbor";

    /// <summary>Bytes without a known format.</summary>
    public const string Binary = "application/octet-stream";

    /// <summary>
    /// The start of the stored content type of an event whose content is in an archive. The content type of the
    /// archived content follows. Applications cannot append events with such a content type.
    /// </summary>
    internal const string ArchivedPrefix = "millrace.archived;";
}
