namespace Millrace.Alerting;

/// <summary>Checks that rules use channels of the application.</summary>
internal static class AlertSettingsCheck
{
    public static IEnumerable<string> UnknownChannels(AlertRule rule, IEnumerable<string> channels)
    {
        var known = channels.Order(StringComparer.Ordinal).ToList();
        return rule.Channels.Concat(rule.Escalations.SelectMany(static step => step.Channels))
            .Distinct(StringComparer.Ordinal)
            .Where(channel => !known.Contains(channel, StringComparer.Ordinal))
            .Select(channel => $"channels: there is no channel '{channel}'. There are: {string.Join(", ", known)}.");
    }
}
