using System.Globalization;
using System.Text.Json;
using Millrace.Alerting;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Shows and changes the alert rules, alerts and silences of a store, on all its nodes. Thread-safe.
/// </summary>
/// <remarks>
/// Rules and silences of operators are events of the stream <c>$alert-rules</c>. The stream <c>$alerts</c> records the
/// changes of alerts and the notices that were sent.
/// </remarks>
public sealed class Alerts
{
    /// <summary>The maximum number of entries that <see cref="History"/> returns.</summary>
    public const int MaxEntries = 1_000;

    private const int MaxAttempts = 10;

    private readonly AlertSetup? _setup; // A tool uses the rules that the application has recorded.
    private readonly AlertStore _store;
    private readonly AlertLog _log;
    private readonly StoreClock _clock;
    private readonly MetricHistory _history;

    internal Alerts(EventStore store, AlertSetup? setup)
    {
        _setup = setup;
        _store = new AlertStore(store);
        _log = new AlertLog(store);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _history = new MetricHistory(store);
    }

    /// <summary>
    /// Returns the alerts of a store, for tools. They use the rules that the application recorded when it last started.
    /// </summary>
    public static Alerts Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Alerts(store, null);
    }

    /// <summary>Returns all rules that apply with their alerts, by name.</summary>
    public async Task<IReadOnlyList<AlertRuleInfo>> ListRules(CancellationToken cancellationToken = default)
    {
        var rules = await ReadRules(cancellationToken).ConfigureAwait(false);
        var alerts = await _store.ReadAlerts(damaged: null, cancellationToken).ConfigureAwait(false);
        return [.. rules.Select(rule => rule with { Alerts = AlertsOf(rule.Rule.Name, alerts) })];
    }

    /// <summary>Returns a rule that applies with its alerts; null if there is none.</summary>
    public async Task<AlertRuleInfo?> FindRule(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var all = await ListRules(cancellationToken).ConfigureAwait(false);
        return all.FirstOrDefault(rule => rule.Rule.Name == name);
    }

    /// <summary>Returns the newest entries of the history of alerts, newest first.</summary>
    /// <param name="limit">The maximum number of entries, from 1 to 1,000.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<IReadOnlyList<AlertEntry>> History(int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxEntries);
        return await _log.ReadHistory(limit, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads a rule from JSON. Members that are absent have the defaults of <see cref="AlertRule"/>, and unknown
    /// members are refused.
    /// </summary>
    /// <exception cref="AlertRuleException">The rule is not valid.</exception>
    public static AlertRule ParseRule(string name, ReadOnlySpan<byte> json)
    {
        ArgumentNullException.ThrowIfNull(name);
        AlertRuleForm? form;
        try
        {
            form = JsonSerializer.Deserialize(json, AlertRuleFormJson.Default.AlertRuleForm);
        }
        catch (JsonException exception)
        {
            throw new AlertRuleException(name, [exception.Message]);
        }
        return (form ?? throw new AlertRuleException(name, ["The rule is null."])).ToRule(name);
    }

    /// <summary>Stores a rule, which replaces the rule with this name of any source.</summary>
    /// <param name="rule">The rule. Its channels must be channels of the application.</param>
    /// <param name="by">The user who stores it.</param>
    /// <param name="expectedVersion">The version of the stored rule that is replaced, 0 for none; null for
    /// any.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The version of the stored rule.</returns>
    /// <exception cref="AlertRuleException">The rule is not valid.</exception>
    /// <exception cref="AlertRuleChangedException">The stored rule has another version.</exception>
    public Task<long> StoreRule(
        AlertRule rule, string by, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        IReadOnlyList<string> problems = [.. rule.Problems(), .. UnknownChannels(rule)];
        if (problems.Count > 0)
            throw new AlertRuleException(rule.Name, problems);
        var note = new AlertNote { Rule = rule.Name, Form = AlertRuleForm.Of(rule), By = by };
        return _log.Append(
            AlertEvents.RuleStored,
            book =>
            {
                CheckVersion(rule.Name, book, expectedVersion);
                return note;
            },
            cancellationToken);
    }

    /// <summary>
    /// Removes a stored rule, so that the rule with this name of another source applies again. Without one, its alerts
    /// are resolved.
    /// </summary>
    /// <inheritdoc cref="StoreRule"/>
    /// <exception cref="AlertNotFoundException">There is no such stored rule.</exception>
    public Task RemoveRule(
        string name, string by, long? expectedVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var note = new AlertNote { Rule = name, By = by };
        return _log.Append(
            AlertEvents.RuleRemoved,
            book =>
            {
                if (!book.Stored.ContainsKey(name))
                    throw new AlertNotFoundException("stored alert rule", name);
                CheckVersion(name, book, expectedVersion);
                return note;
            },
            cancellationToken);
    }

    /// <summary>
    /// Tries a rule on recorded history: when it would have fired and been resolved. Nothing is stored or sent.
    /// </summary>
    /// <exception cref="ArgumentException">The end is not after the start.</exception>
    public async Task<AlertTrial> Try(
        AlertRule rule, DateTimeOffset from, DateTimeOffset? to = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rule);
        IReadOnlyList<string> problems = [.. rule.Problems()];
        if (problems.Count > 0)
            throw new AlertRuleException(rule.Name, problems);
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        var end = to < now ? to.Value : now;
        if (end <= from)
            throw new ArgumentException("The end must be after the start, and the start before now.", nameof(from));
        var query = new MetricQuery
        {
            Metric = rule.Metric,
            Subject = rule.Subject is { Length: > 0 } subject ? subject : null,
            From = from,
            To = end,
        };
        var simulator = new AlertSimulator(rule, from, end);
        await foreach (var part in _history.ReadParts(query, cancellationToken).ConfigureAwait(false))
            simulator.Add(part);
        return simulator.Build();
    }

    /// <summary>
    /// Acknowledges an alert, so that its notices are neither repeated nor escalated. A notice that the alert is
    /// resolved is still sent. A second acknowledgement has no effect.
    /// </summary>
    /// <exception cref="AlertNotFoundException">No alert with this id fires.</exception>
    public async Task<Alert> Acknowledge(string id, string by, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var rule = id[..Math.Max(0, id.LastIndexOf('-'))];
        for (var attempt = 1; ; attempt++)
        {
            var (alerts, version) = await _store.FindAlerts(rule, cancellationToken).ConfigureAwait(false);
            var alert = alerts.Series.FirstOrDefault(series => series.Id == id)
                ?? throw new AlertNotFoundException("firing alert", id);
            if (alert.AcknowledgedAt is not null)
                return Alert.Of(rule, alert);
            var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
            var after = alert with { AcknowledgedBy = by, AcknowledgedAt = now };
            var request = new AppendRequest().ToReserved(
                AlertEvents.Stream,
                ExpectedVersion.Any,
                AlertLog.EventOf(AlertEvents.Acknowledged, new AlertNote { AlertId = id, Rule = rule, By = by }));
            request.With(AlertStore.Change(
                rule,
                alerts with { Series = [.. alerts.Series.Select(series => series.Id == id ? after : series)] },
                version));
            if (await _store.TryCommit(request, cancellationToken).ConfigureAwait(false) is not { } conflict)
                return Alert.Of(rule, after);
            if (attempt == MaxAttempts)
                throw conflict;
        }
    }

    /// <summary>Returns the silences that have not ended, by their start.</summary>
    public async Task<IReadOnlyList<AlertSilence>> ListSilences(CancellationToken cancellationToken = default)
    {
        var book = await _log.ReadRules(cancellationToken).ConfigureAwait(false);
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        return
        [
            .. book.Silences.Values.Where(silence => silence.To > now)
                .OrderBy(static silence => silence.From)
                .ThenBy(static silence => silence.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>Adds a silence. Without a start, it starts now, by the clock of the storage.</summary>
    /// <returns>The silence with its id and its start.</returns>
    /// <exception cref="ArgumentException">The end is not after the start, or more than 366 days after it; or the
    /// start is more than 366 days from now; or the reason or the user is missing.</exception>
    public async Task<AlertSilence> Silence(AlertSilence silence, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(silence);
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        return await Add(silence.From == default ? silence with { From = now } : silence, now, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Adds a silence that starts now, by the clock of the storage.</summary>
    /// <param name="silence">The silence. Its start and end are not used.</param>
    /// <param name="duration">The duration, at most 366 days.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The silence with its id, its start and its end.</returns>
    /// <exception cref="ArgumentException">The duration is not positive, or more than 366 days; or the reason or the
    /// user is missing.</exception>
    public async Task<AlertSilence> Silence(
        AlertSilence silence, TimeSpan duration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(silence);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, AlertSilence.MaxDuration);
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        return await Add(silence with { From = now, To = now + duration }, now, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<AlertSilence> Add(AlertSilence silence, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(silence.Reason);
        ArgumentException.ThrowIfNullOrWhiteSpace(silence.By);
        if (silence.To <= silence.From || silence.To - silence.From > AlertSilence.MaxDuration)
            throw new ArgumentException(
                "The end of a silence must be after its start, at most 366 days.", nameof(silence));
        if (silence.From > now + AlertSilence.MaxDuration)
            throw new ArgumentException("The start of a silence must be at most 366 days from now.", nameof(silence));
        var added = silence.Id.Length > 0
            ? silence
            : silence with { Id = Guid.CreateVersion7(now).ToString("N", CultureInfo.InvariantCulture) };
        await _log.Append(
            AlertEvents.Silenced, _ => new AlertNote { Silence = added, By = added.By }, cancellationToken)
            .ConfigureAwait(false);
        return added;
    }

    /// <summary>Ends a silence. Alerts that still fire are sent then.</summary>
    /// <exception cref="AlertNotFoundException">There is no such silence.</exception>
    public Task EndSilence(string id, string by, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        return _log.Append(
            AlertEvents.SilenceEnded,
            book => book.Silences.ContainsKey(id)
                ? new AlertNote { SilenceId = id, By = by }
                : throw new AlertNotFoundException("silence", id),
            cancellationToken);
    }

    private async ValueTask<IReadOnlyCollection<AlertRuleInfo>> ReadRules(CancellationToken cancellationToken) =>
        AlertRuleSet.Of(_setup, await _log.ReadRules(cancellationToken).ConfigureAwait(false)).Values;

    private static IReadOnlyList<Alert> AlertsOf(string rule, Dictionary<string, Versioned<RuleAlerts>> alerts) =>
        alerts.TryGetValue(rule, out var found)
            ? [.. found.Value.Series.Select(series => Alert.Of(rule, series))]
            : [];

    private static void CheckVersion(string name, AlertRuleBook book, long? expected)
    {
        var actual = book.Stored.GetValueOrDefault(name)?.Version ?? 0;
        if (expected is { } version && version != actual)
            throw new AlertRuleChangedException(name, version, actual);
    }

    /// <summary>
    /// Returns a problem for each channel that the application does not have. A stored rule can only name channels, so
    /// that an operator cannot make a node send requests to an address of their choice.
    /// </summary>
    private IEnumerable<string> UnknownChannels(AlertRule rule) => _setup is null
        ? []
        : AlertSettingsCheck.UnknownChannels(rule, _setup.Channels.Keys);
}
