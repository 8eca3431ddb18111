namespace Millrace.Messaging;

/// <summary>
/// The names of CloudEvents attributes that a message has. The standard allows lower case letters and digits in names
/// of extensions.
/// </summary>
public static class CloudEventNames
{
    /// <summary>The source of a message that has none, because the standard requires one.</summary>
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

    // Extensions that other systems know as well.
    internal const string Key = "partitionkey";
    internal const string Correlation = "correlationid";
    internal const string Causation = "causationid";
    internal const string TraceParent = "traceparent";

    // Extensions of Millrace.
    internal const string SchemaVersion = "millraceschema";
}
