using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Alerting;
using Millrace.Business;

namespace Millrace.Tests;

/// <summary>A node that examines figures and sends reports at the times that a test chooses.</summary>
internal sealed class KpiMonitorNode : IAsyncDisposable
{
    private readonly KpiMonitorService _service;

    public KpiMonitorNode(
        KpiApp app, Action<KpiMonitorOptions>? configure = null, params INotificationChannel[] channels)
    {
        var options = new KpiMonitorOptions();
        configure?.Invoke(options);
        App = app;
        Monitor = new KpiMonitor(app.Store, () => app.Kpis);
        _service = new KpiMonitorService(
            app.Store,
            new KpiMonitorSetup(options, channels.ToDictionary(static one => one.Name, StringComparer.Ordinal)),
            () => app.Kpis,
            NullLogger.Instance);
    }

    public KpiApp App { get; }

    public KpiMonitor Monitor { get; }

    /// <summary>
    /// Examines the figures and sends reports, and returns the anomalies of the revenue, oldest first.
    /// </summary>
    public async Task<IReadOnlyList<KpiAnomaly>> Run()
    {
        await _service.RunOnce(CancellationToken.None);
        return await Anomalies();
    }

    public async Task<IReadOnlyList<KpiAnomaly>> Anomalies() =>
        [.. (await Monitor.ReadAnomalies(new KpiAnomalyQuery { Kpi = "revenue", Limit = 1_000 })).Reverse()];

    /// <summary>Returns the ids of the alerts that wait for a channel.</summary>
    public async Task<IReadOnlyList<string>> Waiting(string channel)
    {
        var (queue, _) = await new AlertStore(App.Store).FindQueue(channel, CancellationToken.None);
        return [.. queue.Items.Select(static item => item.Alert)];
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
