namespace Millrace;

/// <summary>Specifies when the rows of a materialized view are computed again.</summary>
public sealed record ViewRefresh
{
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private ViewRefresh(ViewRefreshKind kind) => Kind = kind;

    /// <summary>Gets the kind.</summary>
    public ViewRefreshKind Kind { get; }

    /// <summary>
    /// Gets the shortest interval of a scheduled refresh; from 100 milliseconds to <see cref="MaxInterval"/>, 5 seconds
    /// by default.
    /// </summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets the longest interval of a scheduled refresh, which applies while nobody reads the view; up to 1 day, 5
    /// minutes by default.
    /// </summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets the number of reads after which a scheduled refresh is worthwhile; from 1 to 1,000,000, 10 by default. A
    /// view that is read 60 times a minute is refreshed every 10 seconds.
    /// </summary>
    public int ReadsPerRefresh { get; init; } = 10;

    /// <summary>
    /// Gets the age above which a read refreshes the rows first, for <see cref="ViewRefreshKind.OnRead"/>; up to 1 day,
    /// 1 minute by default.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets the time for which a read waits for a refresh before it returns the older rows; up to 5 minutes, 2 seconds
    /// by default.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets the time for which a read waits for the first rows of a new view; up to 5 minutes, 30 seconds by default.
    /// </summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets the time after which a refresh is canceled; from 1 second to 1 day, 10 minutes by default.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Gets the policy of views that are only refreshed on request.</summary>
    public static ViewRefresh Manual { get; } = new(ViewRefreshKind.Manual);

    /// <summary>Returns the policy of a refresh at an interval that follows how often the view is read.</summary>
    /// <param name="minInterval">The shortest interval; null for 5 seconds.</param>
    /// <param name="maxInterval">The longest interval; null for 5 minutes, or for the shortest interval if that is
    /// longer.</param>
    public static ViewRefresh Scheduled(TimeSpan? minInterval = null, TimeSpan? maxInterval = null)
    {
        var policy = new ViewRefresh(ViewRefreshKind.Scheduled);
        var min = minInterval ?? policy.MinInterval;
        return policy with
        {
            MinInterval = min,
            MaxInterval = maxInterval ?? (min > policy.MaxInterval ? min : policy.MaxInterval),
        };
    }

    /// <summary>Returns the policy of a refresh when the view is read and its rows are older than a limit.</summary>
    /// <param name="maxAge">The limit.</param>
    public static ViewRefresh OnRead(TimeSpan maxAge) => new(ViewRefreshKind.OnRead) { MaxAge = maxAge };

    /// <summary>Returns the text for status tables, such as <c>scheduled 5 s to 300 s</c>.</summary>
    public override string ToString() => Kind switch
    {
        ViewRefreshKind.Scheduled => FormattableString.Invariant(
            $"scheduled {MinInterval.TotalSeconds:0.###} s to {MaxInterval.TotalSeconds:0.###} s"),
        ViewRefreshKind.OnRead => FormattableString.Invariant($"on read after {MaxAge.TotalSeconds:0.###} s"),
        _ => "manual",
    };

    internal IEnumerable<string> Problems()
    {
        if (MinInterval < TimeSpan.FromMilliseconds(100) || MinInterval > MaxInterval)
            yield return "MinInterval: must be from 100 milliseconds to MaxInterval.";
        if (MaxInterval > TimeSpan.FromDays(1))
            yield return "MaxInterval: must be at most 1 day.";
        if (ReadsPerRefresh is < 1 or > 1_000_000)
            yield return "ReadsPerRefresh: must be from 1 to 1,000,000.";
        if (MaxAge < TimeSpan.Zero || MaxAge > TimeSpan.FromDays(1))
            yield return "MaxAge: must be from 0 to 1 day.";
        if (MaxWait < TimeSpan.Zero || MaxWait > TimeSpan.FromMinutes(5))
            yield return "MaxWait: must be from 0 to 5 minutes.";
        if (FirstWait < TimeSpan.Zero || FirstWait > TimeSpan.FromMinutes(5))
            yield return "FirstWait: must be from 0 to 5 minutes.";
        if (Timeout < MinTimeout || Timeout > MaxTimeout)
            yield return "Timeout: must be from 1 second to 1 day.";
    }
}
