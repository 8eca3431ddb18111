using Millrace.Events;

namespace Millrace.Alerting;

/// <summary>
/// Evaluates all rules once, and commits the changes of each rule with their events and their notices. A commit expects
/// the versions of the documents that were read, so that a node that lost its lock changes nothing.
/// </summary>
internal sealed class AlertEvaluation(
    AlertStore store,
    AlertLog log,
    AlertSetup setup,
    Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> readSamples,
    Action<string> reportFull)
{
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
            return; // The clock of the storage was set back. Durations must not become negative.
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
        if (pass.IsFull)
            reportFull(name);
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
}
