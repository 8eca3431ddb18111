namespace Millrace.Queries;

/// <summary>
/// Measures the answers to cached queries for a short time, with the cache or without it. Thread-safe.
/// </summary>
/// <param name="bypassesCache">Whether the handlers answer all queries.</param>
/// <param name="time">The clock.</param>
internal sealed class QueryTrial(bool bypassesCache, TimeProvider time)
{
    /// <summary>
    /// The time after the last <see cref="KeepAlive"/> at which a trial has no effect any more, so that the cache is
    /// used again in any case.
    /// </summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(5);

    private const int MaxAnswers = 50_000; // Of each query.

    private readonly Lock _lock = new(); // Guards the answers.
    private readonly Dictionary<string, List<TimeSpan>> _answers = new(StringComparer.Ordinal);
    private long _aliveAt = time.GetTimestamp();
    private long _measuresFrom = long.MaxValue;

    public bool BypassesCache { get; } = bypassesCache;

    /// <summary>Gets whether the trial has expired.</summary>
    public bool IsOver => time.GetElapsedTime(Interlocked.Read(ref _aliveAt)) > Expiry;

    /// <summary>Prevents that the trial expires. Its owner calls it several times per second.</summary>
    public void KeepAlive() => Interlocked.Exchange(ref _aliveAt, time.GetTimestamp());

    /// <summary>Measures the queries that are asked from now on, after the cache was filled.</summary>
    public void StartMeasuring() => Interlocked.Exchange(ref _measuresFrom, time.GetTimestamp());

    /// <summary>Gets the present time, for <see cref="Record"/>.</summary>
    public long GetTimestamp() => time.GetTimestamp();

    /// <summary>Records an answer to a query that was asked at a time.</summary>
    public void Record(string query, long askedAt)
    {
        if (askedAt < Interlocked.Read(ref _measuresFrom))
            return;
        var duration = time.GetElapsedTime(askedAt);
        lock (_lock)
        {
            if (!_answers.TryGetValue(query, out var durations))
                _answers[query] = durations = [];
            if (durations.Count < MaxAnswers)
                durations.Add(duration);
        }
    }

    /// <summary>Returns the durations until now, by query.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TimeSpan>> TakeAnswers()
    {
        lock (_lock)
            return _answers.ToDictionary(
                static one => one.Key, static one => (IReadOnlyList<TimeSpan>)[.. one.Value], StringComparer.Ordinal);
    }
}
