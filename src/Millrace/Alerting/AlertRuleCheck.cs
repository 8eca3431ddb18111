namespace Millrace.Alerting;

/// <summary>Finds the problems of alert rules.</summary>
internal static class AlertRuleCheck
{
    private const int MaxCharacters = 1_000;
    private const int MaxChannels = 20;
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(30);
    private static readonly string MetricNames =
        string.Join(", ", MonitorMetrics.All.Select(static metric => metric.Name));

    public static IEnumerable<string> ProblemsOf(AlertRule rule)
    {
        if (ConsumerDefinition.NameProblem(rule.Name) is { } problem)
            yield return $"name: {problem}.";
        if (MonitorMetrics.Find(rule.Metric) is null)
            yield return $"metric: there is no metric '{rule.Metric}'. There are: {MetricNames}.";
        if (rule.Description.Length > MaxCharacters)
            yield return $"description: must have up to {MaxCharacters:N0} characters.";
        if (rule.Subject is { Length: > MaxCharacters })
            yield return $"subject: must have up to {MaxCharacters:N0} characters.";
        if (!double.IsFinite(rule.Threshold))
            yield return "threshold: must be a number.";
        if (rule.ResolveAt is { } at && (!double.IsFinite(at) || rule.IsBeyond(at)))
            yield return $"resolveAt: must not be beyond the threshold {rule.Threshold}, but is {at}.";
        foreach (var other in ProblemsOfEnums(rule).Concat(ProblemsOfTimes(rule)).Concat(ProblemsOfChannels(rule)))
            yield return other;
    }

    private static IEnumerable<string> ProblemsOfEnums(AlertRule rule)
    {
        if (!Enum.IsDefined(rule.Aggregate))
            yield return "aggregate: must be node, max, average or sum.";
        if (!Enum.IsDefined(rule.Condition))
            yield return "condition: must be above or below.";
        if (!Enum.IsDefined(rule.Severity))
            yield return "severity: must be info, warning or critical.";
    }

    private static IEnumerable<string> ProblemsOfTimes(AlertRule rule)
    {
        if (rule.For < TimeSpan.Zero || rule.For > MaxTime)
            yield return $"for: must be from 0 to 30 days, but is {rule.For}.";
        if (rule.ResolveAfter < TimeSpan.Zero || rule.ResolveAfter > MaxTime)
            yield return $"resolveAfter: must be from 0 to 30 days, but is {rule.ResolveAfter}.";
        if (rule.NoDataAfter < TimeSpan.FromMinutes(1) || rule.NoDataAfter > MaxTime)
            yield return $"noDataAfter: must be from 1 minute to 30 days, but is {rule.NoDataAfter}.";
        if (rule.RepeatEvery is { } repeat && (repeat < TimeSpan.FromMinutes(1) || repeat > MaxTime))
            yield return $"repeatEvery: must be from 1 minute to 30 days, but is {repeat}.";
    }

    private static IEnumerable<string> ProblemsOfChannels(AlertRule rule)
    {
        if (rule.Channels.Count > MaxChannels || rule.Channels.Any(string.IsNullOrWhiteSpace))
            yield return $"channels: must be up to {MaxChannels} names of channels.";
        if (rule.Escalations.Count > MaxChannels)
            yield return $"escalations: must have up to {MaxChannels} steps.";
        var last = TimeSpan.Zero;
        foreach (var step in rule.Escalations)
        {
            if (step.After <= last || step.After > MaxTime)
                yield return $"escalations: each time must be greater than the one before, but {step.After} is not.";
            if (step.Channels.Count is 0 or > MaxChannels || step.Channels.Any(string.IsNullOrWhiteSpace))
                yield return $"escalations: each step must have 1 to {MaxChannels} names of channels.";
            last = step.After;
        }
    }
}
