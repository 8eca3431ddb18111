namespace Millrace.Serialization;

/// <summary>The registered tags that are written or interpreted.</summary>
internal static class CborTag
{
    public const ulong EpochTime = 1;
    public const ulong Unsigned = 2;
    public const ulong Negative = 3;
    public const ulong DecimalFraction = 4;
    public const ulong BigFloat = 5;
    public const ulong Base64Url = 21;
    public const ulong Base64 = 22;
    public const ulong Base16 = 23;

    /// <summary>A UUID of 16 bytes in network order.</summary>
    public const ulong Uuid = 37;

    /// <summary>Days since 1970-01-01 (RFC 8943).</summary>
    public const ulong Days = 100;

    /// <summary>An instant as a map of whole seconds since 1970 and a fraction (RFC 9581).</summary>
    public const ulong ExtendedTime = 1001;

    /// <summary>Marks the following item as CBOR.</summary>
    public const ulong SelfDescribed = 55799;

    /// <summary>An instant as text (RFC 3339).</summary>
    public const ulong TimeText = 0;
}
