namespace Millrace.Backups.Format;

/// <summary>Writes and reads events in their stored form.</summary>
internal static class EventCoder
{
    public static void Write(ContentWriter writer, RecordedEvent recorded)
    {
        writer.Number(recorded.Position);
        writer.Text(recorded.Stream.Value);
        writer.Number(recorded.Version);
        writer.Id(recorded.Id);
        writer.Text(recorded.Type);
        writer.Number(recorded.SchemaVersion);
        writer.Text(recorded.ContentType == EventContentType.Json ? null : recorded.ContentType);
        writer.Number((recorded.Timestamp.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        writer.OptionalId(recorded.CorrelationId);
        writer.OptionalId(recorded.CausationId);
        writer.Text(recorded.Source);
        writer.Text(recorded.EncryptionKeyId);
        writer.Number(recorded.Tags.Count);
        foreach (var tag in recorded.Tags)
            writer.Text(tag.ToString());
        writer.Bytes(recorded.MetadataBytes.Span);
        writer.Bytes(recorded.Payload.Span);
    }

    /// <summary>Reads an event, whose bytes remain parts of the content.</summary>
    public static RecordedEvent Read(ContentReader reader) => new()
    {
        Position = reader.Number(),
        Stream = new StreamId(reader.RequiredText()),
        Version = reader.Number(),
        Id = reader.Id(),
        Type = reader.RequiredText(),
        SchemaVersion = (int)reader.Number(),
        ContentType = reader.Text() ?? EventContentType.Json,
        Timestamp = new DateTimeOffset(
            DateTime.UnixEpoch.Ticks + (reader.Number() * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero),
        CorrelationId = reader.OptionalId(),
        CausationId = reader.OptionalId(),
        Source = reader.Text(),
        EncryptionKeyId = reader.Text(),
        Tags = ReadTags(reader),
        MetadataBytes = reader.Bytes(),
        Payload = reader.Bytes(),
    };

    private static Tag[] ReadTags(ContentReader reader)
    {
        var tags = new Tag[reader.Count()];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = Tag.Parse(reader.RequiredText());
        return tags;
    }
}
