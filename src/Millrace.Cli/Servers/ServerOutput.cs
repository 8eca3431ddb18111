using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Servers;

/// <summary>Writes the JSON answer of an application: unchanged as JSON, or as facts and tables.</summary>
internal static class ServerOutput
{
    public static ExitCode Write(ToolInvocation call, JsonElement answer)
    {
        if (call.IsJson)
        {
            using (var writer = new Utf8JsonWriter(call.Bytes, EventJson.WriterOptions))
                answer.WriteTo(writer);
            call.Bytes.WriteByte((byte)'\n');
        }
        else
        {
            WriteText(call, answer);
        }
        return ExitCode.Done;
    }

    private static void WriteText(ToolInvocation call, JsonElement answer)
    {
        switch (answer.ValueKind)
        {
            case JsonValueKind.Array:
                WriteArray(call, answer);
                break;
            case JsonValueKind.Object:
                WriteObject(call, answer);
                break;
            case JsonValueKind.Null:
                call.Line("Done.");
                break;
            default:
                call.Line(TextOf(answer));
                break;
        }
    }

    private static void WriteObject(ToolInvocation call, JsonElement item)
    {
        var facts = TextTable.OfFacts();
        foreach (var member in item.EnumerateObject().Where(static member => !IsList(member.Value)))
            facts.Add(member.Name, TextOf(member.Value));
        facts.Write(call);
        foreach (var member in item.EnumerateObject().Where(static member => IsList(member.Value)))
        {
            call.Line(member.Name + ":");
            WriteArray(call, member.Value);
        }
    }

    private static void WriteArray(ToolInvocation call, JsonElement items)
    {
        string[] columns =
        [
            .. items.EnumerateArray()
                .Where(static item => item.ValueKind == JsonValueKind.Object)
                .SelectMany(static item => item.EnumerateObject().Select(static member => member.Name))
                .Distinct(StringComparer.Ordinal),
        ];
        if (columns.Length == 0)
        {
            foreach (var item in items.EnumerateArray())
                call.Line(TextOf(item));
            return;
        }
        var table = new TextTable([.. columns.Select(static column => "~" + column)]);
        foreach (var item in items.EnumerateArray())
            table.Add([.. columns.Select(column => CellOf(item, column))]);
        table.Write(call);
    }

    /// <summary>Returns whether a value is a list of objects, which has its own table.</summary>
    private static bool IsList(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
        && value.GetArrayLength() > 0
        && value[0].ValueKind == JsonValueKind.Object;

    private static string CellOf(JsonElement item, string column) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(column, out var value) ? TextOf(value) : "";

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Null => "",
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Number when value.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(TextOf)),
        _ => value.GetRawText(),
    };
}
