using System.Text.Json;

namespace Millrace.Reporting;

/// <summary>Writes a report as a JSON object.</summary>
internal static class ReportJsonWriter
{
    private const int FormatVersion = 1;

    public static async Task Write(ReportContent report, Stream output, CancellationToken cancellationToken)
    {
        using var json = new ReportJsonOutput(output);
        json.Json.WriteStartObject();
        WriteSummary(report, json.Json);
        foreach (var section in report.Sections)
        {
            json.Json.WriteStartArray(section.Name);
            await section.WriteRows(json, cancellationToken).ConfigureAwait(false);
            json.Json.WriteEndArray();
        }
        json.Json.WriteEndObject();
        await json.Flush(cancellationToken).ConfigureAwait(false);
    }

    private static void WriteSummary(ReportContent report, Utf8JsonWriter writer)
    {
        writer.WriteString("report"u8, ReportTexts.NameOf(report.Kind));
        writer.WriteNumber("version"u8, FormatVersion);
        writer.WriteString("createdAt"u8, report.Period.Now);
        if (report.Period.From is { } from)
            writer.WriteString("from"u8, from);
        if (report.Period.To is { } to)
            writer.WriteString("to"u8, to);
        writer.WriteNumber("position"u8, report.Period.Head);
        if (report.Controller is { } controller)
        {
            writer.WritePropertyName("controller"u8);
            JsonSerializer.Serialize(writer, controller, ReportJson.Default.DataController);
        }
        writer.WriteNumber("findingCount"u8, report.Findings.Count);
        writer.WriteStartArray("findings"u8);
        foreach (var finding in report.Findings.Kept)
            JsonSerializer.Serialize(writer, finding, ReportJson.Default.ReportFinding);
        writer.WriteEndArray();
        writer.WriteStartObject("summary"u8);
        foreach (var fact in report.Facts)
            Write(writer, fact);
        writer.WriteEndObject();
        writer.WriteStartArray("limits"u8);
        foreach (var limit in report.Limits)
            writer.WriteStringValue(limit);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ReportFact fact)
    {
        switch (fact.Value)
        {
            case null:
                break;
            case bool flag:
                writer.WriteBoolean(fact.Name, flag);
                break;
            case long number:
                writer.WriteNumber(fact.Name, number);
                break;
            default:
                writer.WriteString(fact.Name, fact.Value.ToString());
                break;
        }
    }
}
