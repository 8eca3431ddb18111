namespace Millrace.Messaging;

/// <summary>
/// The attributes of a CloudEvent that a message has. Names of extensions are small letters and digits, by the
/// standard.
/// </summary>
public static class CloudEventNames
{
    /// <summary>The source of a message that has none: the standard asks for one.</summary>
    public const string NoSource = "urn:millrace:none";

    internal const string SpecVersion = "specversion";
    internal const string Version = "1.0";
    internal const string Id = "id";
    internal const string Source = "source";
    internal const string Type = "type";
    internal const string Subject = "subject";
    internal const string Time = "time";
    internal const string ContentType = "datacontenttype";
    internal const string Data = "data";
    internal const string Base64 = "data_base64";

    // Extensions that others know as well.
    internal const string Key = "partitionkey";
    internal const string Correlation = "correlationid";
    internal const string Causation = "causationid";
    internal const string TraceParent = "traceparent";

    // Our own.
    internal const string SchemaVersion = "millraceschema";
}
