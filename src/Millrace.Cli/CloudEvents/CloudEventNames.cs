namespace Millrace.Cli.CloudEvents;

/// <summary>
/// The CloudEvent attributes that the tool reads and writes. By the standard, names of extensions are lower case
/// letters and digits.
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

    // Extensions that are also used by others.
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

    /// <summary>The source for an event that has none. The standard requires one.</summary>
    public const string NoSource = "urn:millrace:none";

    /// <summary>
    /// The values of <see cref="Record"/>. Such lines are not events: they record that a stream was deleted or closed.
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
