namespace Millrace.Messaging;

/// <summary>
/// The names of the CloudEvents attributes of a message. The standard allows only lower case letters and digits in the
/// names of extensions.
/// </summary>
public static class CloudEventNames
{
    /// <summary>The source that is written for a message without a source, because the standard requires one.</summary>
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

    // Extensions that other systems use as well.
    internal const string Key = "partitionkey";
    internal const string Correlation = "correlationid";
    internal const string Causation = "causationid";
    internal const string TraceParent = "traceparent";

    // Extensions of Millrace.
    internal const string SchemaVersion = "millraceschema";
}
