using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Alerting;
using Millrace.Storage;

namespace Millrace.Notifications.Tests;

/// <summary>A node that evaluates rules at the times that a test chooses.</summary>
internal sealed class AlertNode : IAsyncDisposable
{
    private readonly AlertEvaluation _evaluation;
    private readonly NoticeSender _sender;

    private AlertNode(EventStore store, AlertSetup setup)
    {
        (Store, Setup) = (store, setup);
        Documents = new AlertStore(store);
        _evaluation = new AlertEvaluation(
            Documents, new AlertLog(store), setup, _ => Task.FromResult(Samples), NullLogger.Instance);
        _sender = new NoticeSender(Documents, setup, NullLogger.Instance);
        Alerts = new Alerts(store, setup);
    }

    public EventStore Store { get; }

    public AlertSetup Setup { get; }

    public AlertStore Documents { get; }

    public Alerts Alerts { get; }

    public IReadOnlyList<MetricSample> Samples { get; set; } = [];

    /// <summary>Gets or sets whether the service cannot read samples.</summary>
    public bool Fails { get; set; }

    public RecordingChannel First => (RecordingChannel)Setup.Channels["first"];

    public RecordingChannel Second => (RecordingChannel)Setup.Channels["second"];

    public static async Task<AlertNode> Open(IStorage storage, params AlertRule[] rules) =>
        new(await EventStore.Open(storage, EventTypeMap.Empty), SetupOf(rules));

    public static AlertSetup SetupOf(params AlertRule[] rules) => new(
        new AlertOptions { Channels = ["first"] },
        rules.ToDictionary(rule => rule.Name, rule => new DeclaredAlertRule(rule, AlertRuleSource.Code)),
        new[] { "first", "second" }.ToDictionary(name => name, INotificationChannel (name) =>
            new RecordingChannel(name)));

    /// <summary>Returns the service of the node, which evaluates samples.</summary>
    public AlertService CreateService(params MetricSample[] samples) => new(
        Store,
        Setup,
        Locks.Of(Store),
        _ => Fails
            ? throw new InvalidOperationException("no samples")
            : Task.FromResult<IReadOnlyList<MetricSample>>(samples),
        NullLogger.Instance);

    /// <summary>Evaluates the rules with samples at a time.</summary>
    public Task Evaluate(DateTimeOffset now, params MetricSample[] samples)
    {
        Samples = samples;
        return _evaluation.Run(now, CancellationToken.None);
    }

    /// <summary>Sends the notices that are due at a time.</summary>
    public async Task Send(DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        foreach (var channel in Setup.Channels.Keys)
            await _sender.Send(channel, now, cancellationToken);
    }

    /// <summary>Sends the notices of the first channel that are due at a time.</summary>
    public Task SendFirst(DateTimeOffset now, CancellationToken cancellationToken = default) =>
        _sender.Send("first", now, cancellationToken);

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
