using System.Globalization;
using System.Text.Json;
using Millrace.Shared.Json;

namespace Millrace.Cli.Output;

/// <summary>Shows the differences between two collections of a read model.</summary>
internal static class ComparisonOutput
{
    public static void Write(ToolInvocation call, ReadModelComparison comparison)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => WriteMembers(writer, comparison));
        else
            WriteText(call, comparison);
    }

    public static void WriteMembers(Utf8JsonWriter writer, ReadModelComparison comparison)
    {
        writer.WriteString("before"u8, comparison.Before);
        writer.WriteString("after"u8, comparison.After);
        writer.WriteBoolean("isSame"u8, comparison.IsSame);
        writer.WriteNumber("same"u8, comparison.Same);
        writer.WriteNumber("added"u8, comparison.Added);
        writer.WriteNumber("changed"u8, comparison.Changed);
        writer.WriteNumber("gone"u8, comparison.Gone);
        writer.WriteNumber("changedMeanwhile"u8, comparison.ChangedMeanwhile);
        writer.WriteStartArray("examples"u8);
        foreach (var example in comparison.Examples)
            WriteExample(writer, example);
        writer.WriteEndArray();
    }

    public static void WriteText(ToolInvocation call, ReadModelComparison comparison)
    {
        call.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{comparison.Before} -> {comparison.After}: {comparison.Same:N0} the same, "
                    + $"{comparison.Added:N0} added, "
                    + $"{comparison.Changed:N0} changed, {comparison.Gone:N0} gone."));
        if (comparison.ChangedMeanwhile > 0)
        {
            call.Line(
                $"{TextTable.Number(comparison.ChangedMeanwhile)} could not be compared: one collection changed and "
                    + "the other has not caught up. Check that both are running.");
        }
        foreach (var example in comparison.Examples)
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
