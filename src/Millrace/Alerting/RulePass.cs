using System.Globalization;

namespace Millrace.Alerting;

/// <summary>
/// One evaluation of a rule: its alerts afterwards, and the changes and notices that are committed with them. Pure.
/// </summary>
internal sealed class RulePass
{
    /// <summary>The maximum number of series of a rule that are not normal. Further ones are not evaluated.</summary>
    public const int MaxSeries = 1_000;

    private readonly string _name;
    private readonly AlertRule? _rule;
    private readonly RuleAlerts _stored;
    private readonly RuleAlerts _before;
    private readonly AlertPassContext _context;
    private readonly List<AlertSeries> _series = [];
    private long _raised;

    private RulePass(string name, AlertRule? rule, RuleAlerts stored, AlertPassContext context)
    {
        (_name, _rule, _stored, _context, _raised) = (name, rule, stored, context, stored.Raised);
        _before = stored.NotAfter(context.Now);
        if (context.Gap > TimeSpan.Zero && rule is not null)
            _before = _before.AfterGap(context.Gap, rule.NoDataAfter);
        After = _before;
    }

    /// <summary>Gets the alerts after the evaluation.</summary>
    public RuleAlerts After { get; private set; }

    /// <summary>Gets the alerts that fired or were resolved.</summary>
    public List<(AlertChange Change, AlertNoticeItem Alert)> Changes { get; } = [];

    /// <summary>Gets the notices by channel.</summary>
    public List<(string Channel, AlertNoticeItem Item)> Notices { get; } = [];

    /// <summary>Gets whether there were more series beyond the threshold than the maximum.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Gets whether anything must be stored.</summary>
    public bool HasChanges =>
        Changes.Count > 0 || Notices.Count > 0
        || After.SilentSince != _stored.SilentSince
        || !After.Series.SequenceEqual(_stored.Series);

    /// <summary>Evaluates a rule. Without a rule, the alerts of a removed or disabled rule are resolved.</summary>
    public static RulePass Run(
        string name, AlertRule? rule, RuleAlerts stored, IEnumerable<MetricSample> samples, AlertPassContext context)
    {
        var pass = new RulePass(name, rule, stored, context);
        if (rule is null)
            pass.ResolveAll("The rule was removed or disabled.");
        else
            pass.Evaluate(rule, AlertValues.Of(rule, samples));
        pass.After = new RuleAlerts
        {
            Series = pass._series,
            Raised = pass._raised,
            SilentSince = pass.After.SilentSince,
        };
        return pass;
    }

    private void ResolveAll(string reason)
    {
        foreach (var alert in _before.Series.Where(alert => alert.IsRaised))
            Resolve(alert, reason);
        After = After with { SilentSince = null };
    }

    private void Evaluate(AlertRule rule, Dictionary<AlertSeriesKey, double> values)
    {
        var hasData = values.Count > 0;
        foreach (var alert in _before.Series.Where(alert => alert.State != AlertState.NoData))
            Step(rule, alert, alert.Key, values.Remove(alert.Key, out var value) ? value : null);
        foreach (var (key, value) in values)
        {
            if (!rule.IsBeyond(value))
                continue;
            IsFull |= _series.Count >= MaxSeries;
            if (!IsFull)
                Step(rule, null, key, value);
        }
        WatchData(rule, hasData);
    }

    private void Step(AlertRule rule, AlertSeries? before, AlertSeriesKey key, double? value)
    {
        var (after, change) = AlertEvaluator.Next(rule, before, key, value, _context.Now);
        if (after is null)
            return;
        if (change == AlertChange.Resolved)
            Resolve(after, value is null ? "There are no values any more." : null);
        else
            Keep(rule, change == AlertChange.Fired ? Raise(after) : after);
    }

    /// <summary>Raises one alert for the rule if no node reports the metric, and resolves it afterwards.</summary>
    private void WatchData(AlertRule rule, bool hasData)
    {
        var alert = _before.Series.FirstOrDefault(series => series.State == AlertState.NoData);
        if (hasData || !rule.AlertsOnNoData)
        {
            After = After with { SilentSince = null };
            if (alert is not null)
                Resolve(alert, hasData ? null : "The rule no longer alerts on missing data.");
            return;
        }
        var since = _before.SilentSince ?? _context.Now;
        After = After with { SilentSince = since };
        if (alert is not null)
            Keep(rule, alert);
        else if (_context.Now - since >= rule.NoDataAfter)
            Keep(rule, Raise(new AlertSeries
            {
                State = AlertState.NoData,
                Since = since,
                FiredAt = _context.Now,
                Severity = rule.Severity,
            }));
    }

    private AlertSeries Raise(AlertSeries alert)
    {
        var raised = alert with
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{_name}-{++_raised}"),
        };
        Changes.Add((AlertChange.Fired, ItemOf(raised, AlertNoticeKind.Fired, null)));
        return raised;
    }

    private void Resolve(AlertSeries alert, string? reason)
    {
        var item = ItemOf(alert, AlertNoticeKind.Resolved, reason);
        Changes.Add((AlertChange.Resolved, item));
        // Also during a silence: a receiver that knows the alert would otherwise never learn that it is resolved.
        if (alert.NotifiedAt is not null)
            Notify(alert.Channels ?? [], item);
    }

    private void Keep(AlertRule rule, AlertSeries alert)
    {
        if (alert.IsRaised)
        {
            var isSilenced = _context.Silences.Any(silence =>
                silence.Applies(_name, alert.Subject, alert.Node, _context.Now));
            (alert, var notices) = NoticePlanner.Plan(
                rule, alert, _context.DefaultChannels, isSilenced, _context.Now);
            foreach (var notice in notices)
                Notify(notice.Channels, ItemOf(alert, notice.Kind, null));
        }
        _series.Add(alert);
    }

    private void Notify(IReadOnlyList<string> channels, AlertNoticeItem item) =>
        Notices.AddRange(channels.Distinct(StringComparer.Ordinal).Select(channel => (channel, item)));

    private AlertNoticeItem ItemOf(AlertSeries alert, AlertNoticeKind kind, string? reason) => new()
    {
        Kind = kind,
        Alert = alert.Id!, // A raised alert has an id.
        Rule = _name,
        Description = _rule is { Description.Length: > 0 } ? _rule.Description : null,
        State = alert.State,
        Severity = alert.Severity,
        Metric = _rule?.Metric ?? "",
        Subject = alert.Subject,
        Node = alert.Node,
        Value = alert.Value,
        Threshold = _rule?.Threshold ?? 0,
        Condition = _rule?.Condition ?? AlertCondition.Above,
        FiredAt = alert.FiredAt ?? _context.Now,
        At = _context.Now,
        Reason = reason,
    };
}

/// <summary>What the evaluation of all rules has in common.</summary>
/// <param name="Now">The current time.</param>
/// <param name="Gap">The time in which no node evaluated; zero if it is not longer than usual.</param>
/// <param name="DefaultChannels">The channels of rules without channels.</param>
/// <param name="Silences">The silences that have not ended.</param>
internal sealed record AlertPassContext(
    DateTimeOffset Now, TimeSpan Gap, IReadOnlyList<string> DefaultChannels, IReadOnlyList<AlertSilence> Silences);
