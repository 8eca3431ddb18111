namespace Millrace.Cli.CloudEvents;

/// <summary>
/// The attributes of a CloudEvent that the tool writes and understands. Names of extensions are small letters and
/// digits, by the standard.
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

    // Extensions that others know as well.
    public const string Correlation = "correlationid";
    public const string Causation = "causationid";
    public const string TraceParent = "traceparent";

    // Our own. The integers of CloudEvents have 32 bits: versions and positions are written as texts.
    public const string Version = "millraceversion";
    public const string Position = "millraceposition";
    public const string SchemaVersion = "millraceschema";
    public const string OwnSource = "millracesource";
    public const string Tags = "millracetags";
    public const string Metadata = "millracemetadata";
    public const string Record = "millracerecord";

    /// <summary>The source of an event that has none: the standard asks for one.</summary>
    public const string NoSource = "urn:millrace:none";

    /// <summary>The kinds of <see cref="Record"/>: lines that are no events, but what was done to a stream.</summary>
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
