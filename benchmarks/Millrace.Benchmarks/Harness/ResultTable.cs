using System.Globalization;

namespace Millrace.Benchmarks.Harness;

/// <summary>Writes the results as a table.</summary>
internal static class ResultTable
{
    private const string Row = "{0,-30} {1,12} {2,12} {3,-10} {4,7} {5,6} {6,7} {7,7} {8,7} {9,8}  {10}";

    public static void WriteHeader(TextWriter output)
    {
        output.WriteLine(
            Format(
                Row, "benchmark", "millrace", "raw", "unit", "ratio", "goal", "p50 ms", "p95 ms", "p99 ms", "B/op", "")
        );
        output.WriteLine(new string('-', 128));
    }

    public static void Write(TextWriter output, BenchmarkResult result)
    {
        output.WriteLine(Format(
            Row,
            result.Name,
            Number(result.Millrace),
            result.Raw is { } raw ? Number(raw) : "",
            result.Unit,
            result.Ratio.ToString("0.00", CultureInfo.InvariantCulture),
            result.Goal.ToString("0.##", CultureInfo.InvariantCulture),
            Milliseconds(result.P50Ms),
            Milliseconds(result.P95Ms),
            Milliseconds(result.P99Ms),
            result.BytesPerOp is { } bytes ? bytes.ToString("N0", CultureInfo.InvariantCulture) : "",
            result.Met ? "met" : "MISSED"));
        if (result.Note is { } note)
            output.WriteLine("    " + note);
    }

    private static string Number(double value) =>
        value.ToString(value >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture);

    private static string Milliseconds(double? value) =>
        value is { } ms ? ms.ToString("0.000", CultureInfo.InvariantCulture) : "";

    private static string Format(string format, params object[] values) =>
        string.Format(CultureInfo.InvariantCulture, format, values).TrimEnd();
}
