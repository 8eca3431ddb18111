using Millrace.Business.Findings;

namespace Millrace.Business;

/// <summary>A report that is being sent, or was sent.</summary>
internal sealed record KpiMailRecord
{
    public required string Id { get; init; }

    public required DateOnly FirstDay { get; init; }

    public required DateOnly EndDay { get; init; }

    /// <summary>The user who requested it; null for the weekly report.</summary>
    public string? By { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The channels that have not accepted it yet.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>The time before which it is not sent.</summary>
    public DateTimeOffset NotBefore { get; init; }

    public int Failures { get; init; }

    public string? Error { get; init; }

    /// <summary>The time at which all channels have accepted it, or the attempts have ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public KpiPeriod PeriodIn(TimeZoneInfo zone) => new(FirstDay, EndDay, zone);
}

/// <summary>The last week whose report was sent, and the one that is being sent.</summary>
internal sealed record KpiScheduleRecord(string LastWeek, KpiMailRecord? Mail);

/// <summary>What tools need to know of the options of the application.</summary>
internal sealed record KpiMonitorDeclaration(string TimeZone, IReadOnlyList<string> ReportChannels);
