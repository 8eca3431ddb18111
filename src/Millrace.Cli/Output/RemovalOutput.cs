using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Shows events that were removed intentionally.</summary>
internal static class RemovalOutput
{
    public static void Write(ToolInvocation call, IReadOnlyList<RemovalRecord> removals)
    {
        if (removals.Count == 0)
            return;
        var rows = new TextTable("removed from", "how", "versions", "#events", "when", "by", "why");
        foreach (var removal in removals)
        {
            rows.Add(
                removal.Stream.Value,
                JsonNamingPolicy.CamelCase.ConvertName(removal.Kind.ToString()),
                $"{TextTable.Number(removal.FromVersion)}–{TextTable.Number(removal.ToVersion)}",
                TextTable.Number(removal.Events),
                EventView.TimeOf(removal.At),
                removal.User ?? "",
                removal.Reason);
        }
        rows.Write(call);
    }

    public static void WriteArray(Utf8JsonWriter writer, IReadOnlyList<RemovalRecord> removals)
    {
        writer.WriteStartArray("removals"u8);
        foreach (var removal in removals)
        {
            writer.WriteStartObject();
            writer.WriteString("stream"u8, removal.Stream.Value);
            writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(removal.Kind.ToString()));
            writer.WriteNumber("fromVersion"u8, removal.FromVersion);
            writer.WriteNumber("toVersion"u8, removal.ToVersion);
            writer.WriteNumber("events"u8, removal.Events);
            writer.WriteString("reason"u8, removal.Reason);
            if (removal.User is not null)
                writer.WriteString("by"u8, removal.User);
            writer.WriteString("at"u8, removal.At.UtcDateTime);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
