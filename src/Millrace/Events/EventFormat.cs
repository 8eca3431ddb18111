namespace Millrace;

/// <summary>What events are written as. Each stored event says which it is, so that one stream may hold both.</summary>
public enum EventFormat
{
    /// <summary>What the store's <see cref="StoreOptions.EventFormat"/> says; there, JSON.</summary>
    Default,

    /// <summary>JSON text: readable by anybody, and by the views of the database.</summary>
    Json,

    /// <summary>CBOR (RFC 8949): the same members under the same names, shorter and faster.</summary>
    Cbor,
}
