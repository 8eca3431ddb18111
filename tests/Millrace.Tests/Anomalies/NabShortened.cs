namespace Millrace.Tests.Anomalies;

/// <summary>
/// Makes short series, of about 1,200 to 2,600 values, from a file of the benchmark: parts of it, averages, and parts
/// with missing values. The windows follow the rule of the benchmark for the new length.
/// </summary>
internal sealed class NabShortened(NabSeries file, int[] labels)
{
    private const int MinLength = 1_200;
    private const int MaxLength = 2_650;
    private const int Copies = 4;
    private static readonly int[] Factors = [2, 3, 4, 6, 8, 9, 12];
    private readonly Random _random = new(Seed(file.Name));

    private int Count => file.Values.Count;

    /// <summary>Returns the short series by kind.</summary>
    public IEnumerable<(string Kind, NabSeries Series)> Make()
    {
        for (var copy = 0; copy < Copies && Count > MaxLength; copy++)
        {
            if (Part(_random.Next(1_150, 2_500)) is { } rows)
                yield return ("part", Series(rows));
        }
        foreach (var factor in Factors.Where(factor => Count / factor is >= MinLength and <= MaxLength))
            yield return ("averages", Averages(factor));
        for (var copy = 0; copy < Copies && Count > MaxLength; copy++)
        {
            var missing = copy % 2 == 0 ? 0.1 : 0.45;
            var length = (int)(_random.Next(1_300, 2_500) / (1 - missing));
            if (Part(Math.Min(Count * 9 / 10, length)) is { } rows)
                yield return ("gaps", Series(WithoutSome(rows, missing)));
        }
    }

    /// <summary>Returns a random part that has a label after the rows that are not scored.</summary>
    private int[]? Part(int length)
    {
        if (labels.Length == 0)
            return [.. Enumerable.Range(_random.Next(Count - length), length)];
        var label = labels[_random.Next(labels.Length)];
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var start = label - (int)(length * (0.25 + 0.65 * _random.NextDouble()));
            if (start >= 0 && start + length <= Count)
                return [.. Enumerable.Range(start, length)];
        }
        return null;
    }

    private int[] WithoutSome(int[] rows, double missing)
    {
        var kept = rows.Where(_ => _random.NextDouble() >= missing).ToHashSet();
        for (var block = 0; block < 4; block++)
        {
            var start = rows[_random.Next(rows.Length)];
            kept.ExceptWith(Enumerable.Range(start, _random.Next(12, 120)));
        }
        foreach (var label in labels)
            kept.UnionWith(rows.Where(row => row >= label - 3 && row < label + 3));
        return [.. kept.Order()];
    }

    private NabSeries Series(int[] rows)
    {
        var found = labels.Select(label => Array.IndexOf(rows, label)).Where(row => row >= 0);
        return Series([.. rows.Select(row => file.Times[row])], [.. rows.Select(row => file.Values[row])], [.. found]);
    }

    private NabSeries Averages(int factor)
    {
        var values = file.Values.Chunk(factor).Where(chunk => chunk.Length == factor).Select(Enumerable.Average);
        var times = file.Times.Chunk(factor).Where(chunk => chunk.Length == factor).Select(chunk => chunk[0]);
        return Series([.. times], [.. values], [.. labels.Select(label => Math.Min(label, Count - factor) / factor)]);
    }

    private NabSeries Series(DateTimeOffset[] times, double[] values, int[] rows)
    {
        var series = new NabSeries(file.Name, times, values, []);
        var half = values.Length / 10 / Math.Max(1, rows.Length) / 2; // A tenth of the rows lies in windows.
        var windows = new List<NabWindow>();
        foreach (var row in rows.Order())
        {
            var window = new NabWindow(Math.Max(0, row - half), Math.Min(values.Length - 1, row + half));
            if (windows.Count > 0 && windows[^1].Last >= window.First)
                windows[^1] = windows[^1] with { Last = window.Last };
            else if (window.First >= series.FirstScored)
                windows.Add(window);
        }
        return series with { Windows = windows };
    }

    private static int Seed(string name) => name.Aggregate(17, (seed, letter) => unchecked(seed * 31 + letter));
}
