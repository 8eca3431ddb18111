using System.Globalization;
using Spectre.Console;

namespace Millrace.Cli.Output;

/// <summary>Writes events as text.</summary>
internal sealed class EventView(ToolInvocation call, bool withPayload)
{
    private static readonly Style Dim = new(Color.Grey);
    private static readonly Style Strong = new(decoration: Decoration.Bold);

    public void Write(RecordedEvent recorded)
    {
        var console = call.Console;
        console.Write(new Text(recorded.Position.ToString(CultureInfo.InvariantCulture) + "  ", Dim));
        console.Write(new Text(TerminalText.OneLine(recorded.Type), Strong));
        console.Write(
            new Text(
                $"  {TerminalText.OneLine(recorded.Stream.Value)} @ "
                    + $"{recorded.Version.ToString(CultureInfo.InvariantCulture)}"
            )
        );
        console.Write(new Text("  " + TimeOf(recorded.Timestamp) + Environment.NewLine, Dim));
        if (!withPayload)
            return;
        foreach (var line in Details(recorded))
            call.Text.WriteLine("    " + TerminalText.OneLine(line));
        foreach (var line in TerminalText.Of(PayloadText.Of(recorded.ReadablePayload.Span)).Split('\n'))
            call.Text.WriteLine("    " + line.TrimEnd('\r'));
    }

    /// <summary>Formats a time in UTC.</summary>
    public static string TimeOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Details(RecordedEvent recorded)
    {
        var schemaVersion =
            recorded.SchemaVersion == 1
                ? ""
                : $", schema version {recorded.SchemaVersion.ToString(CultureInfo.InvariantCulture)}";
        yield return $"id {recorded.Id}, {recorded.ContentType}{schemaVersion}";
        if (recorded.Tags.Count > 0)
            yield return "tags " + string.Join(", ", recorded.Tags);
        if (recorded.Source is not null)
            yield return "source " + recorded.Source;
        if (recorded.CorrelationId is { } correlation)
            yield return $"correlation {correlation}";
        if (recorded.CausationId is { } causation)
            yield return $"causation {causation}";
        if (recorded.EncryptionKeyId is { } key)
            yield return $"encrypted by key {key}";
        if (!recorded.MetadataBytes.IsEmpty)
            yield return "metadata " + System.Text.Encoding.UTF8.GetString(recorded.MetadataBytes.Span);
    }
}
