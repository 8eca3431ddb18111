namespace Millrace;

/// <summary>
/// The format in which events are written. Each stored event records its format, so one stream may contain both.
/// </summary>
public enum EventFormat
{
    /// <summary>The store's <see cref="StoreOptions.EventFormat"/>; as the value of that option, JSON.</summary>
    Default,

    /// <summary>JSON text, which people and database views can read.</summary>
    Json,

    /// <summary>CBOR (RFC 8949): the same members with the same names, smaller and faster.</summary>
    Cbor,
}
