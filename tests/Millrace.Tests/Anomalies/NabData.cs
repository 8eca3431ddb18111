using System.Globalization;
using System.IO.Compression;
using System.Text.Json;

namespace Millrace.Tests.Anomalies;

/// <summary>The files of the Numenta Anomaly Benchmark. They are not part of the repository.</summary>
internal static class NabData
{
    /// <summary>Gets the directory from <c>MILLRACE_NAB</c>, or <c>shared/data/nab</c> in a directory above.</summary>
    public static string Directory { get; } = Environment.GetEnvironmentVariable("MILLRACE_NAB") ?? Find();

    /// <summary>Reads the files of the groups, or all files, in the order of their names.</summary>
    public static IReadOnlyList<NabSeries> Read(params string[] groups)
    {
        using var labels = JsonDocument.Parse(File.ReadAllBytes(PathOf("labels", "combined_windows.json")));
        return
        [
            .. labels.RootElement.EnumerateObject()
                .Where(file => groups.Length == 0 || groups.Contains(file.Name.Split('/')[0]))
                .Where(file => File.Exists(PathOf("data", file.Name)))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => Read(file.Name, file.Value))
        ];
    }

    /// <summary>Reads the rows of a file at which an anomaly is labelled. The windows lie around them.</summary>
    public static int[] Labels(NabSeries series)
    {
        using var labels = JsonDocument.Parse(File.ReadAllBytes(PathOf("labels", "combined_labels.json")));
        var times = series.Times.ToArray();
        return
        [
            .. labels.RootElement.GetProperty(series.Name).EnumerateArray()
                .Select(label => Array.IndexOf(times, Time(label.GetString()!)))
        ];
    }

    /// <summary>Reads the scores that a published detector has given to every row, by file.</summary>
    public static ILookup<string, double> PublishedRows(string detector)
    {
        using var file = File.OpenRead(PathOf("published", $"{detector}_anomaly_scores.csv.gz"));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        return Lines(text).ToLookup(line => line[0], line => Number(line[2]), StringComparer.Ordinal);
    }

    /// <summary>Reads the threshold, the score and the counts that a published detector has for each file.</summary>
    public static IReadOnlyList<(string File, double Threshold, NabScore Score)> PublishedScores(string detector)
    {
        using var text = File.OpenText(PathOf("published", $"{detector}_standard_scores.csv"));
        return
        [
            .. Lines(text).Select(line => (line[2], Number(line[3]), new NabScore(
                Number(line[4]), Count(line[5]), Count(line[6]), Count(line[7]), Count(line[8]))))
        ];
    }

    private static NabSeries Read(string name, JsonElement windows)
    {
        using var text = File.OpenText(PathOf("data", name));
        var rows = Lines(text).Select(line => (Time: Time(line[0]), Value: Number(line[1]))).ToArray();
        var times = rows.Select(row => row.Time).ToArray();
        return new(name, times, [.. rows.Select(row => row.Value)], [.. windows.EnumerateArray().Select(Window)]);

        NabWindow Window(JsonElement window) => new(
            Array.IndexOf(times, Time(window[0].GetString()!)),  // The labels are strings.
            Array.IndexOf(times, Time(window[1].GetString()!)));
    }

    private static IEnumerable<string[]> Lines(TextReader text)
    {
        _ = text.ReadLine(); // The header.
        while (text.ReadLine() is { } line)
            yield return line.Split(',');
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int Count(string text) => (int)Number(text);

    private static DateTimeOffset Time(string text)
        => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string PathOf(string folder, string name) => Path.Combine(Directory, folder, name);

    private static string Find()
    {
        var relative = Path.Combine("shared", "data", "nab");
        var start = new DirectoryInfo(AppContext.BaseDirectory);
        for (var directory = start; directory is not null; directory = directory.Parent)
        {
            if (Path.Combine(directory.FullName, relative) is var path && System.IO.Directory.Exists(path))
                return path;
        }
        return relative;
    }
}
