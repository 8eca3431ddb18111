namespace Millrace.Alerting;

/// <summary>Decides which notices a raised alert needs. Pure: it has no clock and no store.</summary>
internal static class NoticePlanner
{
    /// <summary>Returns the alert after its notices, and the notices that are due.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="alert">The alert, which fires or has no data.</param>
    /// <param name="defaultChannels">The channels of a rule without channels.</param>
    /// <param name="isSilenced">Whether a silence suppresses notices.</param>
    /// <param name="now">The current time.</param>
    public static (AlertSeries Alert, IReadOnlyList<PlannedNotice> Notices) Plan(
        AlertRule rule,
        AlertSeries alert,
        IReadOnlyList<string> defaultChannels,
        bool isSilenced,
        DateTimeOffset now)
    {
        if (isSilenced || alert.AcknowledgedAt is not null)
            return (alert, []);
        if (alert.NotifiedAt is not { } notifiedAt)
        {
            var channels = rule.Channels.Count > 0 ? rule.Channels : defaultChannels;
            return (alert with { NotifiedAt = now, LastNoticeAt = now, Channels = channels },
                [new PlannedNotice(AlertNoticeKind.Fired, channels)]);
        }
        var notices = new List<PlannedNotice>();
        while (alert.Escalations < rule.Escalations.Count
            && rule.Escalations[alert.Escalations] is var step
            && now - notifiedAt >= step.After)
        {
            notices.Add(new PlannedNotice(AlertNoticeKind.Escalated, step.Channels));
            alert = alert with
            {
                Escalations = alert.Escalations + 1,
                Channels = [.. (alert.Channels ?? []).Union(step.Channels, StringComparer.Ordinal)],
            };
        }
        if (now - alert.LastNoticeAt >= rule.RepeatEvery)
        {
            notices.Add(new PlannedNotice(AlertNoticeKind.Repeated, alert.Channels ?? []));
            alert = alert with { LastNoticeAt = now };
        }
        return (alert, notices);
    }
}

/// <summary>A notice about an alert to several channels.</summary>
internal sealed record PlannedNotice(AlertNoticeKind Kind, IReadOnlyList<string> Channels);
