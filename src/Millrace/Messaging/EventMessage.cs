namespace Millrace.Messaging;

/// <summary>Creates messages from events. It copies the stored bytes and does not decode them.</summary>
internal static class EventMessage
{
    public static Message Of(RecordedEvent recorded, string source) => new()
    {
        Id = recorded.Id.ToString(),
        Type = recorded.Type,
        Source = recorded.Source is null ? source : SourceOf(recorded.Source),
        Subject = recorded.Stream.Value,
        Time = recorded.Timestamp,
        ContentType = recorded.ContentType,
        SchemaVersion = recorded.SchemaVersion,
        CorrelationId = recorded.CorrelationId?.ToString(),
        CausationId = recorded.CausationId?.ToString(),
        TraceParent = recorded.MetadataBytes.IsEmpty ? null : recorded.Metadata.TraceParent,
        Body = recorded.Payload,
    };

    /// <summary>Returns the source as a URI reference, as CloudEvents requires.</summary>
    public static string SourceOf(string? source) => source is null ? CloudEventNames.NoSource
        : IsPlain(source) || Uri.IsWellFormedUriString(source, UriKind.RelativeOrAbsolute) ? source
        : "urn:millrace:source:" + Uri.EscapeDataString(source);

    private static bool IsPlain(string source)
    {
        foreach (var character in source)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not '-' and not '.' and not '_')
                return false;
        }
        return source.Length > 0;
    }
}
