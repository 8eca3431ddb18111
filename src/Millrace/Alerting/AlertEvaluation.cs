using Microsoft.Extensions.Logging;
using Millrace.Events;

namespace Millrace.Alerting;

/// <summary>
/// Evaluates all rules once, and commits the changes of each rule with their events and their notices. A commit expects
/// the versions of the documents that were read, so that a node that lost its lock changes nothing.
/// </summary>
internal sealed partial class AlertEvaluation(
    AlertStore store,
    AlertLog log,
    AlertSetup setup,
    Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> readSamples,
    ILogger logger)
{
    private readonly HashSet<string> _full = new(StringComparer.Ordinal);
    private readonly RecentSamples _recent = new();
    private DateTimeOffset _evaluatedAt;

    /// <summary>Evaluates all rules.</summary>
    public async Task Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await store.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var book = await log.ReadRules(cancellationToken).ConfigureAwait(false);
        var samples = await readSamples(cancellationToken).ConfigureAwait(false);
        var rules = AlertRuleSet.Of(setup, book);
        var longest = rules.Values.Select(rule => rule.Rule.NoDataAfter).DefaultIfEmpty(TimeSpan.Zero).Max();
        _recent.Add(samples, longest, now);
        if (_evaluatedAt > now)
            Log.ClockSetBack(logger, (_evaluatedAt - now).TotalSeconds);
        _evaluatedAt = now;
        var context = new AlertPassContext(
            now, setup.Options.Channels, [.. book.Silences.Values.Where(silence => silence.To > now)]);
        var stored = await store.ReadAlerts(cancellationToken).ConfigureAwait(false);
        foreach (var name in rules.Keys.Union(stored.Keys, StringComparer.Ordinal))
        {
            var rule = rules.GetValueOrDefault(name)?.Rule is { IsEnabled: true } enabled ? enabled : null;
            var before = stored.GetValueOrDefault(name) ?? new Versioned<RuleAlerts>(RuleAlerts.None, 0);
            var current = rule is { Aggregate: AlertAggregate.Sum } ? _recent.Since(now - rule.NoDataAfter) : samples;
            await Evaluate(name, rule, before, current, context, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task Evaluate(
        string name,
        AlertRule? rule,
        Versioned<RuleAlerts> before,
        IEnumerable<MetricSample> samples,
        AlertPassContext context,
        CancellationToken cancellationToken)
    {
        var pass = RulePass.Run(name, rule, before.Value, samples, context);
        if (pass.IsFull && _full.Add(name))
            Log.TooMany(logger, name, RulePass.MaxSeries);
        if (!pass.HasChanges)
            return;
        var request = new AppendRequest();
        if (pass.Changes.Count > 0)
            request.ToReserved(AlertEvents.Stream, ExpectedVersion.Any, [.. pass.Changes.Select(EventOf)]);
        request.With(AlertStore.Change(name, pass.After, before.Version));
        foreach (var channel in pass.Notices.GroupBy(static notice => notice.Channel, StringComparer.Ordinal))
        {
            var (queue, version) = await store.FindQueue(channel.Key, cancellationToken).ConfigureAwait(false);
            var after = queue.Add(channel.Select(static notice => notice.Item));
            request.With(AlertStore.Change(channel.Key, after, version));
        }
        // After a conflict, such as with an acknowledgement, the next evaluation decides again.
        await store.TryCommit(request, cancellationToken).ConfigureAwait(false);
    }

    private static object EventOf((AlertChange Change, AlertNoticeItem Alert) change) => AlertLog.EventOf(
        change.Change == AlertChange.Fired ? AlertEvents.Fired : AlertEvents.Resolved,
        new AlertNote { Rule = change.Alert.Rule, Alert = change.Alert });

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24007,
            Level = LogLevel.Warning,
            Message = "The alert rule {Rule} has more than {Max} alerts. Further ones are not evaluated.")]
        public static partial void TooMany(ILogger logger, string rule, int max);

        [LoggerMessage(
            EventId = 24008,
            Level = LogLevel.Warning,
            Message = "The clock of the storage was set back by {Seconds} s. Times of alerts that are in the future "
                + "count as the current time.")]
        public static partial void ClockSetBack(ILogger logger, double seconds);
    }
}
