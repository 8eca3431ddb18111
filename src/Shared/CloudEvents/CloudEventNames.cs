namespace Millrace.Shared.CloudEvents;

/// <summary>
/// The CloudEvent attributes that the tool reads and writes. The standard allows only lowercase letters and digits in
/// the names of extensions.
/// </summary>
internal static class CloudEventNames
{
    public const string SpecVersion = "specversion";
    public const string Id = "id";
    public const string Source = "source";
    public const string Type = "type";
    public const string Subject = "subject";
    public const string Time = "time";
    public const string ContentType = "datacontenttype";
    public const string Data = "data";
    public const string Base64 = "data_base64";

    // Extensions that other programs also use.
    public const string Correlation = "correlationid";
    public const string Causation = "causationid";
    public const string TraceParent = "traceparent";

    // Extensions of Millrace. CloudEvents integers have 32 bits, so versions and positions are strings.
    public const string Version = "millraceversion";
    public const string Position = "millraceposition";
    public const string SchemaVersion = "millraceschema";
    public const string OwnSource = "millracesource";
    public const string Tags = "millracetags";
    public const string Metadata = "millracemetadata";
    public const string Record = "millracerecord";

    /// <summary>
    /// The value of the source attribute for an event without a source. The standard requires the attribute.
    /// </summary>
    public const string NoSource = "urn:millrace:none";

    /// <summary>
    /// The values of <see cref="Record"/>. A line with this attribute is not an event. The line records that a stream
    /// was deleted or closed.
    /// </summary>
    public const string Deleted = "deleted";
    public const string Closed = "closed";

    public static readonly string[] WrittenByTool =
    [
        SpecVersion,
        Id,
        Source,
        Type,
        Subject,
        Time,
        ContentType,
        Data,
        Base64,
        Correlation,
        Causation,
        TraceParent,
        Version,
        Position,
        SchemaVersion,
        OwnSource,
        Tags,
        Metadata,
        Record,
    ];
}
