namespace Millrace.Metrics;

/// <summary>Counts successes and technical failures of all kinds of requests and handlers.</summary>
internal sealed class MeasuredOutcomes
{
    private long _total;
    private long _failed;

    public void Add(long total, long failed)
    {
        Interlocked.Add(ref _total, total);
        if (failed > 0)
            Interlocked.Add(ref _failed, failed);
    }

    public void Collect(SampleValues values)
    {
        var failed = Interlocked.Exchange(ref _failed, 0); // First, so that it is not more than the total.
        var total = Interlocked.Exchange(ref _total, 0);
        if (total > 0)
            values.Add(MonitorMetrics.ErrorRate, null, (double)Math.Min(failed, total) / total);
    }
}
