using System.Globalization;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// The state of a consumer at one moment, as far as this node knows it, for one partition or for all combined.
/// Freshness, metrics, and <see cref="ConsumerStatus"/> read the snapshot.
/// </summary>
internal readonly record struct ConsumerSnapshot
{
    private static readonly ConsumerState[] BySeverity =
    [
        ConsumerState.Faulted,
        ConsumerState.Stalled,
        ConsumerState.CircuitOpen,
        ConsumerState.Paused,
        ConsumerState.CatchingUp,
        ConsumerState.Live,
    ];

    /// <summary>Gets the position that the consumer's effects have reached.</summary>
    public long Position { get; init; }

    /// <summary>
    /// Gets the sum of the lease epochs, which grows with each new lease; null if none is stored yet.
    /// </summary>
    public long? LeaseEpoch { get; init; }

    /// <summary>Gets the number of the consumer's open dead letters.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>Gets the time at which the last handled event was recorded; null if it is unknown.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Gets the state.</summary>
    public ConsumerState State { get; init; }

    /// <summary>Gets the time at which the state was entered; null when it is not known.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>
    /// Gets the error that keeps the consumer from making progress; null if there is none. The text is formatted only
    /// on request, because every read of a read model takes a snapshot and needs no text.
    /// </summary>
    public string? Error
    {
        get => field ?? (SilentAt is { } position ? SilenceError(position) : Problem?.ToString());
        init;
    }

    /// <summary>Gets the same error with its details; null on other nodes.</summary>
    public ConsumerProblem? Problem { get; init; }

    /// <summary>
    /// Gets the position at which the consumer stands still without a reported error; null if it does not.
    /// </summary>
    public long? SilentAt { get; init; }

    /// <summary>Gets a value indicating whether the consumer makes no progress and has reported no error.</summary>
    public bool IsSilent => SilentAt is not null;

    /// <summary>Returns the snapshot of a stored partition, as its holder last reported it.</summary>
    /// <param name="record">The partition.</param>
    /// <param name="head">The position of the end of the log.</param>
    public static ConsumerSnapshot Of(ConsumerRecord record, long head) => new()
    {
        Position = record.Checkpoint ?? 0,
        LeaseEpoch = record.LeaseEpoch,
        OpenDeadLetters = record.OpenDeadLetters,
        State = StateOf(record, head),
        StateSince = record.StateSince,
        Error = record.Error,
    };

    /// <summary>Combines partitions: the lowest position, the worst state, and the sum of the counts.</summary>
    public static ConsumerSnapshot Combine(IEnumerable<ConsumerSnapshot> partitions)
    {
        ConsumerSnapshot? all = null;
        foreach (var one in partitions)
            all = all is { } before ? before.And(one) : one;
        return all ?? default;
    }

    /// <summary>Combines the snapshot with that of another partition.</summary>
    public ConsumerSnapshot And(in ConsumerSnapshot other)
    {
        var lowest = other.Position < Position ? other : this;
        var worst = other.Severity.CompareTo(Severity) < 0 ? other : this;
        return worst with
        {
            Position = lowest.Position,
            RecordedAt = lowest.RecordedAt,
            LeaseEpoch = LeaseEpoch + other.LeaseEpoch,
            OpenDeadLetters = OpenDeadLetters + other.OpenDeadLetters,
        };
    }

    /// <summary>
    /// Returns the time since the first event after the position was recorded, as far as it is known without reading;
    /// otherwise zero.
    /// </summary>
    public TimeSpan LagTime(EventStore store)
    {
        var since = store.Tail.RecordedAt(Position + 1) ?? RecordedAt;
        var lag = since is { } at ? store.Time.GetUtcNow() - at : TimeSpan.Zero;
        return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
    }

    /// <summary>Returns true when another snapshot reports the same state and error.</summary>
    public bool HasSameState(in ConsumerSnapshot other) =>
        (State, StateSince, Error, IsSilent) == (other.State, other.StateSince, other.Error, other.IsSilent);

    private (int, DateTimeOffset) Severity =>
        (Array.IndexOf(BySeverity, State), StateSince ?? DateTimeOffset.MaxValue);

    private string SilenceError(long position) => string.Create(
        CultureInfo.InvariantCulture,
        $"No progress beyond position {position} since {StateSince:yyyy-MM-ddTHH:mm:ssZ}, while the log continues.");

    /// <summary>Returns the state that the node last reported. Reports follow the checkpoint with a delay.</summary>
    private static ConsumerState StateOf(ConsumerRecord record, long head)
    {
        if (record.IsPaused)
            return ConsumerState.Paused;
        var isKnown = Enum.TryParse<ConsumerState>(record.State, out var state) && state != ConsumerState.Paused;
        if (isKnown && state != ConsumerState.CatchingUp)
            return state;
        return isKnown && record.Error is null && record.Checkpoint >= head
            ? ConsumerState.Live
            : ConsumerState.CatchingUp;
    }
}
