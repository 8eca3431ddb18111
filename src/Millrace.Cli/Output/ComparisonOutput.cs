using System.Globalization;
using System.Text.Json;
using Millrace.Shared.Json;

namespace Millrace.Cli.Output;

/// <summary>Shows the differences between two collections of a read model.</summary>
internal static class ComparisonOutput
{
    public static void Write(ToolInvocation call, ReadModelComparison found)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => WriteMembers(writer, found));
        else
            WriteText(call, found);
    }

    public static void WriteMembers(Utf8JsonWriter writer, ReadModelComparison found)
    {
        writer.WriteString("before"u8, found.Before);
        writer.WriteString("after"u8, found.After);
        writer.WriteBoolean("isSame"u8, found.IsSame);
        writer.WriteNumber("same"u8, found.Same);
        writer.WriteNumber("added"u8, found.Added);
        writer.WriteNumber("changed"u8, found.Changed);
        writer.WriteNumber("gone"u8, found.Gone);
        writer.WriteNumber("changedMeanwhile"u8, found.ChangedMeanwhile);
        writer.WriteStartArray("examples"u8);
        foreach (var example in found.Examples)
            WriteExample(writer, example);
        writer.WriteEndArray();
    }

    public static void WriteText(ToolInvocation call, ReadModelComparison found)
    {
        call.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{found.Before} -> {found.After}: {found.Same:N0} the same, {found.Added:N0} added, "
                    + $"{found.Changed:N0} changed, {found.Gone:N0} gone."));
        if (found.ChangedMeanwhile > 0)
        {
            call.Line(
                $"{TextTable.Number(found.ChangedMeanwhile)} could not be compared: one collection changed and "
                    + "the other has not caught up. Check that both are running.");
        }
        foreach (var example in found.Examples)
        {
            call.Line($"{WordFor(example.Kind)} {example.Key}");
            foreach (var field in example.Fields)
                call.Line($"    {field.Path}: {field.Before ?? "(none)"} -> {field.After ?? "(none)"}");
        }
    }

    private static void WriteExample(Utf8JsonWriter writer, DocumentDifference example)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, example.Key);
        writer.WriteString("kind"u8, WordFor(example.Kind));
        ExplanationJson.WriteArray(writer, "fields"u8, example.Fields, EntityJson.WriteField);
        writer.WriteEndObject();
    }

    private static string WordFor(DifferenceKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
