using System.Text.Json;

namespace Millrace.Benchmarks.Harness;

/// <summary>Writes the results as a JSON array of objects with fixed members.</summary>
internal static class ResultJson
{
    public static void Write(string file, IReadOnlyList<BenchmarkResult> results)
    {
        using var stream = File.Create(file);
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartArray();
        foreach (var result in results)
            Write(writer, result);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, BenchmarkResult result)
    {
        writer.WriteStartObject();
        writer.WriteString("name", result.Name);
        WriteNumber(writer, "millrace", result.Millrace);
        WriteNumber(writer, "raw", result.Raw);
        WriteNumber(writer, "ratio", result.Ratio);
        WriteNumber(writer, "p50ms", result.P50Ms);
        WriteNumber(writer, "p95ms", result.P95Ms);
        WriteNumber(writer, "p99ms", result.P99Ms);
        WriteNumber(writer, "bytesPerOp", result.BytesPerOp);
        WriteNumber(writer, "goal", result.Goal);
        writer.WriteBoolean("met", result.Met);
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            writer.WriteNumber(name, Math.Round(number, 4));
        else
            writer.WriteNull(name);
    }
}
