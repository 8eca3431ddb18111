namespace Millrace.Alerting;

/// <summary>
/// The stored state of an alert: of a rule and a subject, and of a node if the rule evaluates nodes separately. A
/// normal series has no state. The record changes only with the state, so that an unchanged alert is not written.
/// </summary>
internal sealed record AlertSeries
{
    public string? Subject { get; init; }

    public string? Node { get; init; }

    public AlertState State { get; init; }

    /// <summary>The time since which the value is beyond the threshold, or since which there is no data.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The value at the last change of the state.</summary>
    public double Value { get; init; }

    /// <summary>The time since which the value has recovered; null if it has not.</summary>
    public DateTimeOffset? RecoveredSince { get; init; }

    /// <summary>The time since which there is no value; null if there is one.</summary>
    public DateTimeOffset? MissingSince { get; init; }

    /// <summary>The id of the alert; null while it is pending.</summary>
    public string? Id { get; init; }

    public DateTimeOffset? FiredAt { get; init; }

    public AlertSeverity Severity { get; init; }

    public string? AcknowledgedBy { get; init; }

    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>The time of the first notice; null if none was sent because of a silence.</summary>
    public DateTimeOffset? NotifiedAt { get; init; }

    public DateTimeOffset? LastNoticeAt { get; init; }

    /// <summary>The number of escalations that were sent.</summary>
    public int Escalations { get; init; }

    /// <summary>The channels that received a notice, which also receive the notice of its end.</summary>
    public IReadOnlyList<string>? Channels { get; init; }

    public bool IsRaised => State is AlertState.Firing or AlertState.NoData;

    public AlertSeriesKey Key => new(Subject, Node);

    /// <summary>Returns the series without times in the future, after the clock of the storage was set back.</summary>
    public AlertSeries NotAfter(DateTimeOffset now) => this with
    {
        Since = Earlier(Since, now),
        RecoveredSince = RecoveredSince is { } recovered ? Earlier(recovered, now) : null,
        MissingSince = MissingSince is { } missing ? Earlier(missing, now) : null,
        FiredAt = FiredAt is { } fired ? Earlier(fired, now) : null,
        NotifiedAt = NotifiedAt is { } notified ? Earlier(notified, now) : null,
        LastNoticeAt = LastNoticeAt is { } last ? Earlier(last, now) : null,
    };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}

/// <summary>Identifies a series within a rule. Both values are null for a rule without data.</summary>
internal readonly record struct AlertSeriesKey(string? Subject, string? Node);
