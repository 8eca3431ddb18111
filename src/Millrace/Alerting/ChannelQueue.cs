namespace Millrace.Alerting;

/// <summary>The changes that a channel has not sent yet, as one document.</summary>
internal sealed record ChannelQueue
{
    /// <summary>The maximum number of changes that wait. Further ones are only counted.</summary>
    public const int MaxItems = 5_000;

    public static ChannelQueue Empty { get; } = new();

    public IReadOnlyList<AlertNoticeItem> Items { get; init; } = [];

    /// <summary>The number of changes that were left out.</summary>
    public long Omitted { get; init; }

    /// <summary>The notice that is being sent; null between two notices.</summary>
    public string? NoticeId { get; init; }

    public DateTimeOffset NoticeAt { get; init; }

    /// <summary>The number of the first changes that the notice contains.</summary>
    public int NoticeItems { get; init; }

    public long NoticeOmitted { get; init; }

    /// <summary>The time before which nothing is sent.</summary>
    public DateTimeOffset NotBefore { get; init; }

    public int Failures { get; init; }

    public string? Error { get; init; }

    /// <summary>
    /// Returns whether changes wait that can be sent. A time that no pause explains is ignored, because the clock of the
    /// storage was set back.
    /// </summary>
    public bool IsDue(DateTimeOffset now, AlertOptions options) =>
        Items.Count > 0 && (NotBefore <= now || NotBefore > now + options.MaxPause);

    public ChannelQueue Add(IEnumerable<AlertNoticeItem> items)
    {
        List<AlertNoticeItem> all = [.. Items, .. items];
        var surplus = Math.Max(0, all.Count - MaxItems);
        return this with { Items = [.. all.Take(MaxItems)], Omitted = Omitted + surplus };
    }

    /// <summary>
    /// Returns the queue before an attempt to send, with a notice. Until the end of the attempt, no other node makes one.
    /// </summary>
    /// <param name="id">The id of a new notice. A notice that was not accepted keeps its id.</param>
    /// <param name="now">The current time.</param>
    /// <param name="maxAttempt">The maximum time of the attempt.</param>
    public ChannelQueue Attempt(string id, DateTimeOffset now, TimeSpan maxAttempt) =>
        (NoticeId is null ? Compose(id, now) : this) with { NotBefore = now + maxAttempt };

    /// <summary>Returns the queue with a notice of all waiting changes.</summary>
    public ChannelQueue Compose(string id, DateTimeOffset now) => this with
    {
        NoticeId = id,
        NoticeAt = now,
        NoticeItems = Items.Count,
        NoticeOmitted = Omitted,
    };

    public AlertNotice ToNotice() => new()
    {
        Id = NoticeId!, // The caller has composed a notice.
        Time = NoticeAt,
        Items = [.. Items.Take(NoticeItems)],
        Omitted = NoticeOmitted,
    };

    /// <summary>Returns the queue without the changes of the notice, which was accepted.</summary>
    public ChannelQueue Completed(DateTimeOffset now, TimeSpan groupInterval) => this with
    {
        Items = [.. Items.Skip(NoticeItems)],
        Omitted = Omitted - NoticeOmitted,
        NoticeId = null,
        NoticeItems = 0,
        NoticeOmitted = 0,
        NotBefore = now + groupInterval,
        Failures = 0,
        Error = null,
    };

    public ChannelQueue Failed(string error, DateTimeOffset notBefore) => this with
    {
        NotBefore = notBefore,
        Failures = Failures + 1,
        Error = error,
    };
}
