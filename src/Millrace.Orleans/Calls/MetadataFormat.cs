using System.Collections.Immutable;
using System.Text.Json;

namespace Millrace.Orleans.Calls;

/// <summary>Writes and reads the metadata that a sender sets, without information about encryption.</summary>
internal static class MetadataFormat
{
    private const string Extensions = "extensions";

    public static void Write(Utf8JsonWriter writer, EventMetadata metadata)
    {
        writer.WriteString(nameof(metadata.Source), metadata.Source);
        writer.WriteString(nameof(metadata.UserId), metadata.UserId);
        writer.WriteString(nameof(metadata.SessionId), metadata.SessionId);
        writer.WriteString(nameof(metadata.RequestId), metadata.RequestId);
        writer.WriteString(nameof(metadata.Command), metadata.Command);
        writer.WriteString(nameof(metadata.Environment), metadata.Environment);
        writer.WriteString(nameof(metadata.ApplicationVersion), metadata.ApplicationVersion);
        writer.WriteString(nameof(metadata.TraceParent), metadata.TraceParent);
        writer.WriteString(nameof(metadata.Access), metadata.Access);
        if (metadata.ReadableBy is { } readable)
            writer.WriteNumber(nameof(metadata.ReadableBy), readable);
        if (metadata.Extensions.IsEmpty)
            return;
        writer.WriteStartObject(Extensions);
        foreach (var (name, value) in metadata.Extensions)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    public static EventMetadata Read(JsonElement written)
    {
        var metadata = new EventMetadata
        {
            Source = written.Text(nameof(EventMetadata.Source)),
            UserId = written.Text(nameof(EventMetadata.UserId)),
            SessionId = written.Text(nameof(EventMetadata.SessionId)),
            RequestId = written.Text(nameof(EventMetadata.RequestId)),
            Command = written.Text(nameof(EventMetadata.Command)),
            Environment = written.Text(nameof(EventMetadata.Environment)),
            ApplicationVersion = written.Text(nameof(EventMetadata.ApplicationVersion)),
            TraceParent = written.Text(nameof(EventMetadata.TraceParent)),
            Access = written.Text(nameof(EventMetadata.Access)),
            ReadableBy = written.Find(nameof(EventMetadata.ReadableBy))?.GetInt32(),
        };
        if (written.Find(Extensions) is not { } extensions)
            return metadata;
        return metadata with
        {
            Extensions = extensions.EnumerateObject().ToImmutableSortedDictionary(
                static member => member.Name, static member => member.Value.GetString()!, StringComparer.Ordinal),
        };
    }
}
