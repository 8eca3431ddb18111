namespace Millrace;

/// <summary>
/// The format in which events are written. Each stored event records its format, so a stream may contain events of both
/// formats.
/// </summary>
public enum EventFormat
{
    /// <summary>
    /// The store's <see cref="StoreOptions.EventFormat"/>. If that option has this value, events are written as JSON.
    /// </summary>
    Default,

    /// <summary>JSON text, which people and database views can read.</summary>
    Json,

    /// <summary>CBOR (RFC 8949), with the same members and names as in JSON. CBOR is smaller and faster.</summary>
    Cbor,
}
