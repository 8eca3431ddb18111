namespace Millrace.Alerting;

/// <summary>The changes that a channel has not sent yet, as one document.</summary>
internal sealed record ChannelQueue
{
    /// <summary>The maximum number of changes that wait. Others are only counted.</summary>
    public const int MaxItems = 5_000;

    /// <summary>The maximum number of changes in a notice, so that no receiver refuses it for its size.</summary>
    public const int MaxNoticeItems = 200;

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
    /// Returns whether changes wait that can be sent. A time that no pause explains is ignored, because the clock of
    /// the storage was set back.
    /// </summary>
    public bool IsDue(DateTimeOffset now, AlertOptions options) =>
        Items.Count > 0 && (NotBefore <= now || NotBefore > now + options.MaxPause);

    /// <summary>
    /// Returns the queue with further changes. If too many wait, changes that a receiver misses least are removed:
    /// first repeated notices, then alerts that fired and were resolved meanwhile, then the oldest changes.
    /// </summary>
    public ChannelQueue Add(IEnumerable<AlertNoticeItem> items)
    {
        List<AlertNoticeItem> all = [.. Items, .. items];
        var surplus = all.Count - MaxItems;
        if (surplus <= 0)
            return this with { Items = all };
        var waiting = all[NoticeItems..]; // The content of a notice that may have been sent does not change.
        RemoveFirst(waiting, ref surplus, static item => item.Kind == AlertNoticeKind.Repeated);
        var ended = EndedAlerts(waiting);
        while (surplus > 0 && ended.TryDequeue(out var alert))
            surplus -= waiting.RemoveAll(item => item.Alert == alert);
        RemoveFirst(waiting, ref surplus, static _ => true);
        return this with
        {
            Items = [.. all[..NoticeItems], .. waiting],
            Omitted = Omitted + all.Count - NoticeItems - waiting.Count,
        };
    }

    private static void RemoveFirst(
        List<AlertNoticeItem> items, ref int surplus, Func<AlertNoticeItem, bool> isRemoved)
    {
        var left = surplus;
        items.RemoveAll(item => left > 0 && isRemoved(item) && left-- > 0);
        surplus = left;
    }

    /// <summary>Returns the alerts that fired and were resolved while they waited, oldest first.</summary>
    private static Queue<string> EndedAlerts(List<AlertNoticeItem> waiting)
    {
        var fired = waiting.Where(static item => item.Kind == AlertNoticeKind.Fired)
            .Select(static item => item.Alert).ToHashSet(StringComparer.Ordinal);
        return new(waiting
            .Where(item => item.Kind == AlertNoticeKind.Resolved && fired.Contains(item.Alert))
            .Select(static item => item.Alert));
    }

    /// <summary>
    /// Returns the queue before an attempt to send, with a notice. Until the end of the attempt, no other node makes
    /// one.
    /// </summary>
    /// <param name="id">The id of a new notice. A notice that was not accepted keeps its id.</param>
    /// <param name="now">The current time.</param>
    /// <param name="maxAttempt">The maximum time of the attempt.</param>
    public ChannelQueue Attempt(string id, DateTimeOffset now, TimeSpan maxAttempt) =>
        (NoticeId is null ? Compose(id, now) : this) with { NotBefore = now + maxAttempt };

    /// <summary>Returns the queue with a notice of the first waiting changes.</summary>
    public ChannelQueue Compose(string id, DateTimeOffset now) => this with
    {
        NoticeId = id,
        NoticeAt = now,
        NoticeItems = Math.Min(Items.Count, MaxNoticeItems),
        NoticeOmitted = Omitted,
    };

    public AlertNotice ToNotice() => new()
    {
        Id = NoticeId!, // The caller has composed a notice.
        Time = NoticeAt,
        Items = [.. Items.Take(NoticeItems)],
        Omitted = NoticeOmitted,
    };

    /// <summary>
    /// Returns the queue without the changes of the notice, which was accepted. If the notice was full, the next one
    /// does not wait.
    /// </summary>
    public ChannelQueue Completed(DateTimeOffset now, TimeSpan groupInterval) => this with
    {
        Items = [.. Items.Skip(NoticeItems)],
        Omitted = Omitted - NoticeOmitted,
        NoticeId = null,
        NoticeItems = 0,
        NoticeOmitted = 0,
        NotBefore = NoticeItems < MaxNoticeItems ? now + groupInterval : now,
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
