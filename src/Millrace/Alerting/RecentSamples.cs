namespace Millrace.Alerting;

/// <summary>
/// The newest samples of all nodes, also of those whose samples are late. A sum over nodes must not become smaller
/// because the samples of a node are late.
/// </summary>
internal sealed class RecentSamples
{
    private readonly Dictionary<(string, string?, string), (MetricSample Sample, DateTimeOffset SeenAt)> _all = [];

    /// <summary>Adds the samples of a read.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="maxAge">The time after which a series without a sample is forgotten.</param>
    /// <param name="now">The current time.</param>
    public void Add(IReadOnlyList<MetricSample> samples, TimeSpan maxAge, DateTimeOffset now)
    {
        foreach (var sample in samples)
            _all[(sample.Metric, sample.Subject, sample.Node)] = (sample, now);
        foreach (var (key, entry) in _all.ToArray())
        {
            if (now - entry.SeenAt > maxAge)
                _all.Remove(key);
            else if (entry.SeenAt > now)
                _all[key] = (entry.Sample, now); // The clock of the storage was set back.
        }
    }

    /// <summary>Returns the samples that were seen after a time.</summary>
    public IEnumerable<MetricSample> Since(DateTimeOffset time) =>
        _all.Values.Where(entry => entry.SeenAt > time).Select(entry => entry.Sample);
}
