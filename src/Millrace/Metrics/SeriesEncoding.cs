namespace Millrace.Metrics;

/// <summary>Converts summaries to their stored form, and minutes to hours.</summary>
internal static class SeriesEncoding
{
    private const int Digits = 6;
    private const int HoursOfDay = 24;

    public static StoredSeries Encode(SeriesKey key, IReadOnlyList<SampleSummary> slots)
    {
        int[] used = [.. Enumerable.Range(0, slots.Count).Where(i => slots[i].Samples > 0)];
        double[] average = [.. used.Select(i => Round(slots[i].Average))];
        double[] min = [.. used.Select(i => Round(slots[i].Min))];
        double[] max = [.. used.Select(i => Round(slots[i].Max))];
        return new StoredSeries(
            key.Metric,
            key.Subject,
            used,
            [.. used.Select(i => slots[i].Samples)],
            average,
            min.AsSpan().SequenceEqual(average) ? null : min,
            max.AsSpan().SequenceEqual(average) ? null : max);
    }

    /// <summary>Returns a day in which an hour is replaced by the summary of its minutes.</summary>
    /// <param name="day">The stored day; null if there is none.</param>
    /// <param name="minutes">The minutes of the hour.</param>
    public static PointsRecord AddHour(PointsRecord? day, PointsRecord minutes)
    {
        var start = HistoryPeriods.DayOf(minutes.Start);
        var hour = (int)((minutes.Start - start) / HistoryPeriods.Hour);
        var series = new Dictionary<SeriesKey, SampleSummary[]>();
        foreach (var stored in day?.Series ?? [])
        {
            var slots = SlotsOf(series, stored);
            for (var i = 0; i < stored.Slots.Count; i++)
                slots[stored.Slots[i]] = stored.SummaryAt(i);
        }
        foreach (var stored in minutes.Series)
            SlotsOf(series, stored)[hour] = SumOf(stored);
        return new PointsRecord
        {
            Node = minutes.Node,
            Start = start,
            Series = [.. series.Select(static one => Encode(one.Key, one.Value))],
        };
    }

    private static SampleSummary SumOf(StoredSeries series)
    {
        var sum = default(SampleSummary);
        for (var i = 0; i < series.Slots.Count; i++)
            sum = sum.Add(series.SummaryAt(i));
        return sum;
    }

    private static SampleSummary[] SlotsOf(Dictionary<SeriesKey, SampleSummary[]> series, StoredSeries stored)
    {
        var key = new SeriesKey(stored.Metric, stored.Subject);
        if (!series.TryGetValue(key, out var slots))
            series[key] = slots = new SampleSummary[HoursOfDay];
        return slots;
    }

    /// <summary>Returns a number with six significant digits.</summary>
    private static double Round(double value)
    {
        if (value == 0)
            return 0;
        var decimals = Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return decimals is < 0 or > 15 ? value : Math.Round(value, decimals);
    }
}
