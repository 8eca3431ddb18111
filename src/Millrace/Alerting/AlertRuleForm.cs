namespace Millrace.Alerting;

/// <summary>
/// The members of a rule as text sources contain them. An absent member is null, so that it gets the default of <see
/// cref="AlertRule"/> and not the default of its type.
/// </summary>
internal sealed record AlertRuleForm
{
    public string? Description { get; set; }

    public string? Metric { get; set; }

    public string? Subject { get; set; }

    public AlertAggregate? Aggregate { get; set; }

    public AlertCondition? Condition { get; set; }

    public double? Threshold { get; set; }

    public double? ResolveAt { get; set; }

    public AlertSeverity? Severity { get; set; }

    public TimeSpan? For { get; set; }

    public TimeSpan? ResolveAfter { get; set; }

    public TimeSpan? NoDataAfter { get; set; }

    public bool? AlertsOnNoData { get; set; }

    public IReadOnlyList<string>? Channels { get; set; }

    public IReadOnlyList<AlertEscalation>? Escalations { get; set; }

    public TimeSpan? RepeatEvery { get; set; }

    public bool? IsEnabled { get; set; }

    public static AlertRuleForm Of(AlertRule rule) => new()
    {
        Description = rule.Description,
        Metric = rule.Metric,
        Subject = rule.Subject,
        Aggregate = rule.Aggregate,
        Condition = rule.Condition,
        Threshold = rule.Threshold,
        ResolveAt = rule.ResolveAt,
        Severity = rule.Severity,
        For = rule.For,
        ResolveAfter = rule.ResolveAfter,
        NoDataAfter = rule.NoDataAfter,
        AlertsOnNoData = rule.AlertsOnNoData,
        Channels = rule.Channels,
        Escalations = rule.Escalations,
        RepeatEvery = rule.RepeatEvery,
        IsEnabled = rule.IsEnabled,
    };

    /// <summary>
    /// Returns the rule: the members of this form, and otherwise those of another rule or the defaults.
    /// </summary>
    /// <exception cref="AlertRuleException">The rule is not valid.</exception>
    public AlertRule ToRule(string name, AlertRule? other = null)
    {
        var missing = new List<string>();
        if (Metric is null && other is null)
            missing.Add("metric: is missing.");
        if (Threshold is null && other is null)
            missing.Add("threshold: is missing.");
        var original = other ?? new AlertRule { Name = name, Metric = Metric ?? "?", Threshold = Threshold ?? 0 };
        var rule = original with
        {
            Description = Description ?? original.Description,
            Metric = Metric ?? original.Metric,
            Subject = Subject ?? original.Subject,
            Aggregate = Aggregate ?? original.Aggregate,
            Condition = Condition ?? original.Condition,
            Threshold = Threshold ?? original.Threshold,
            ResolveAt = ResolveAt ?? original.ResolveAt,
            Severity = Severity ?? original.Severity,
            For = For ?? original.For,
            ResolveAfter = ResolveAfter ?? original.ResolveAfter,
            NoDataAfter = NoDataAfter ?? original.NoDataAfter,
            AlertsOnNoData = AlertsOnNoData ?? original.AlertsOnNoData,
            Channels = Channels ?? original.Channels,
            Escalations = Escalations ?? original.Escalations,
            RepeatEvery = RepeatEvery ?? original.RepeatEvery,
            IsEnabled = IsEnabled ?? original.IsEnabled,
        };
        // A new threshold alone can pass the value at which the other rule resolves.
        if (ResolveAt is null && rule.ResolveAt is { } at && rule.IsBeyond(at))
            rule = rule with { ResolveAt = null };
        IReadOnlyList<string> problems = [.. missing, .. rule.Problems()];
        return problems.Count == 0 ? rule : throw new AlertRuleException(name, problems);
    }
}
