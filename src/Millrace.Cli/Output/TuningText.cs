using System.Globalization;
using System.Text.Json;

namespace Millrace.Cli.Output;

/// <summary>Writes the report of a tuning run as tables.</summary>
internal static class TuningText
{
    public static void Write(ToolInvocation call, JsonElement report)
    {
        var state = report.GetProperty("state").GetString() ?? "";
        if (state != nameof(TuningState.Completed))
        {
            call.Line($"{state}: {TextOf(report, "reason")}".TrimEnd(' ', ':'));
            return;
        }
        if (report.TryGetProperty("consumer", out var consumer))
            call.Line($"Consumer: {consumer.GetString()}");
        var rows = report.GetProperty("rows").EnumerateArray().ToList();
        WriteRows(call, rows);
        if (TextOf(report, "reason") is { Length: > 0 } reason)
            call.Line(reason);
        WriteGains(call, report.GetProperty("gains").EnumerateArray());
        if (report.TryGetProperty("noise", out var noise))
            call.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"Noise: a setting differs by {noise.GetDouble():0 %} between intervals. Ranges: 95 % confidence."));
        WriteAdvice(call, report.GetProperty("advice").EnumerateArray().ToList());
    }

    private static void WriteRows(ToolInvocation call, List<JsonElement> rows)
    {
        var hasAnswers = rows.Exists(static row => row.GetProperty("answers").GetInt32() > 0);
        string[] columns = ["setting", "#batch", "#workers", "#events/s", "#P50", "#P99", "#gain"];
        string[] answerColumns = ["#answers", "#P50 of answers", "#P99 of answers"];
        var table = new TextTable(hasAnswers ? [.. columns, .. answerColumns] : columns);
        foreach (var row in rows)
        {
            string[] cells =
            [
                TextOf(row, "setting"),
                NumberOf(row, "batchEvents", "own"),
                NumberOf(row, "workers", "own"),
                NumberOf(row, "eventsPerSecond", "too few"),
                DurationOf(row, "p50"),
                DurationOf(row, "p99"),
                row.TryGetProperty("gain", out var gain) ? RatioOf(gain) : "",
            ];
            table.Add(hasAnswers
                ? [.. cells, NumberOf(row, "answers", ""), DurationOf(row, "answerP50"), DurationOf(row, "answerP99")]
                : cells);
        }
        table.Write(call);
    }

    private static void WriteGains(ToolInvocation call, IEnumerable<JsonElement> gains)
    {
        var table = new TextTable("of", "factor", "verdict", "#alone", "#with the others");
        foreach (var gain in gains)
            table.Add(
                TextOf(gain, "subject"),
                Lower(gain, "factor"),
                Lower(gain, "verdict"),
                gain.TryGetProperty("alone", out var alone) ? RatioOf(alone) : "load too low",
                gain.TryGetProperty("combined", out var combined) ? RatioOf(combined) : "");
        table.Write(call, "No factor could be compared. Measure for longer.");
    }

    private static void WriteAdvice(ToolInvocation call, List<JsonElement> advice)
    {
        if (advice.Count == 0)
            call.Line("Recommendation: keep the present settings.");
        foreach (var one in advice)
            call.Line(
                $"Recommendation: {TextOf(one, "name")} = {TextOf(one, "value")}  ({TextOf(one, "reason")})");
    }

    private static string RatioOf(JsonElement ratio) => string.Create(
        CultureInfo.InvariantCulture,
        $"{ratio.GetProperty("value").GetDouble():0.00} ({ratio.GetProperty("low").GetDouble():0.00} to "
            + $"{ratio.GetProperty("high").GetDouble():0.00})");

    private static string DurationOf(JsonElement row, string name) =>
        row.TryGetProperty(name, out var value)
        && TimeSpan.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var duration)
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.00} ms")
            : "";

    private static string NumberOf(JsonElement row, string name, string missing) =>
        row.TryGetProperty(name, out var value)
            ? value.GetDouble().ToString("N0", CultureInfo.InvariantCulture)
            : missing;

    private static string Lower(JsonElement item, string name) =>
        JsonNamingPolicy.CamelCase.ConvertName(TextOf(item, name));

    private static string TextOf(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
