using System.Globalization;

namespace Millrace.AspNetCore.Auditing;

/// <summary>The last entry of equal requests.</summary>
/// <param name="key">The key of the requests.</param>
/// <param name="entry">The entry.</param>
/// <param name="time">The time of the entry.</param>
/// <param name="timestamp">The timestamp of the entry.</param>
internal sealed class LastEntry(RequestKey key, AuditEntry entry, DateTimeOffset time, long timestamp)
{
    public RequestKey Key => key;

    public long Timestamp => timestamp;

    /// <summary>Gets the result of the append.</summary>
    public TaskCompletionSource Recorded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets or sets the number of equal requests that have no separate entry.</summary>
    public long Repetitions { get; set; }

    /// <summary>Returns the entry of the next equal request, which contains the number of repetitions.</summary>
    public AuditEntry CountIn(AuditEntry next) =>
        Repetitions == 0 ? next : next with { Reason = ReasonOf(next, Count()) };

    /// <summary>Returns the entry with the number of repetitions, if there is no further request.</summary>
    public AuditEntry Close() => entry with { Reason = ReasonOf(entry, $"{Count()}; this entry is no request") };

    private string Count() => string.Create(
        CultureInfo.InvariantCulture,
        $"repeated {Repetitions} times since the entry at {time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");

    private static string ReasonOf(AuditEntry entry, string count) =>
        entry.Reason is { } reason ? $"{reason} ({count})" : count;
}
