using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Monitoring;
using Millrace.Storage;

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
    /// <summary>The number of intervals without an evaluation after which no node evaluated.</summary>
    private const int MissedIntervals = 3;

    private readonly HashSet<string> _full = new(StringComparer.Ordinal);
    private readonly ReportedErrors _errors = new(store.Store.Time);
    private readonly RecentSamples _recent = new();
    private DateTimeOffset _evaluatedAt;

    /// <summary>Evaluates all rules. A rule that cannot be evaluated does not prevent the others.</summary>
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
            now,
            await FindGap(now, cancellationToken).ConfigureAwait(false),
            setup.Options.Channels,
            [.. book.Silences.Values.Where(silence => silence.To > now)]);
        var damaged = new Dictionary<string, StorageException>(StringComparer.Ordinal);
        var stored = await store.ReadAlerts(damaged, cancellationToken).ConfigureAwait(false);
        foreach (var (name, exception) in damaged)
            Report(name, exception);
        foreach (var name in rules.Keys.Union(Undeclared(stored.Keys, book)).Where(name => !damaged.ContainsKey(name)))
        {
            var rule = rules.GetValueOrDefault(name)?.Rule is { IsEnabled: true } enabled ? enabled : null;
            var before = stored.GetValueOrDefault(name) ?? new Versioned<RuleAlerts>(RuleAlerts.None, 0);
            var current = rule is { Aggregate: AlertAggregate.Sum } ? _recent.Since(now - rule.NoDataAfter) : samples;
            await TryEvaluate(name, rule, before, current, context, cancellationToken).ConfigureAwait(false);
        }
        await store.WriteEvaluation(now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the time without an evaluation by any node; zero if it is not longer than usual.</summary>
    private async ValueTask<TimeSpan> FindGap(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = await store.FindEvaluation(cancellationToken).ConfigureAwait(false);
        var gap = now - (last ?? now);
        return gap > MissedIntervals * setup.Options.Interval ? gap : TimeSpan.Zero;
    }

    /// <summary>
    /// Returns the rules with alerts that no application declares. The alerts of a rule that only another node has,
    /// such as during an upgrade, remain.
    /// </summary>
    private static IEnumerable<string> Undeclared(IEnumerable<string> names, AlertRuleBook book) =>
        names.Except((book.Declared ?? []).Select(static rule => rule.Name), StringComparer.Ordinal);

    private async Task TryEvaluate(
        string name,
        AlertRule? rule,
        Versioned<RuleAlerts> before,
        IEnumerable<MetricSample> samples,
        AlertPassContext context,
        CancellationToken cancellationToken)
    {
        try
        {
            await Evaluate(name, rule, before, samples, context, cancellationToken).ConfigureAwait(false);
            _errors.Clear(name);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The other rules must be evaluated. The next evaluation repeats this one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report(name, exception);
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
            if (await TryFindQueue(channel.Key, cancellationToken).ConfigureAwait(false) is not { } queue)
                continue; // The other channels must get their notices.
            var after = queue.Value.Add(channel.Select(static notice => notice.Item));
            request.With(AlertStore.Change(channel.Key, after, queue.Version));
        }
        // After a conflict, such as with an acknowledgement, the next evaluation decides again.
        await store.TryCommit(request, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Versioned<ChannelQueue>?> TryFindQueue(
        string channel, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindQueue(channel, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException exception) when (exception.Problem == StorageProblem.Damaged)
        {
            if (_errors.IsNew($"channel {channel}", exception))
                Log.QueueFailed(logger, channel, exception);
            return null;
        }
    }

    private void Report(string rule, Exception exception)
    {
        if (_errors.IsNew(rule, exception))
            Log.RuleFailed(logger, rule, exception);
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

        [LoggerMessage(
            EventId = 24009,
            Level = LogLevel.Error,
            Message = "The alert rule {Rule} cannot be evaluated. The next attempt follows after the interval.")]
        public static partial void RuleFailed(ILogger logger, string rule, Exception exception);

        [LoggerMessage(
            EventId = 24010,
            Level = LogLevel.Error,
            Message = "The changes that wait for the channel {Channel} cannot be read. Alerts are not sent to it.")]
        public static partial void QueueFailed(ILogger logger, string channel, Exception exception);
    }
}
