using OpenTelemetry.Metrics;

namespace Millrace.Telemetry.Web;

/// <summary>Renames instruments whose names are reserved in Prometheus.</summary>
/// <remarks>
/// Prometheus reserves the suffix <c>_count</c> for histograms. <c>promtool check metrics</c> reports gauges with it.
/// </remarks>
internal static class PrometheusNames
{
    private static readonly (string Name, string NewName)[] Renamed =
    [
        ("db.client.connection.count", "db.client.connection.open"), // Of Npgsql.
        ("dotnet.assembly.count", "dotnet.assembly.loaded"),
        ("dotnet.process.cpu.count", "dotnet.process.cpu.available"),
        ("dotnet.thread_pool.thread.count", "dotnet.thread_pool.thread.running"),
        ("dotnet.timer.count", "dotnet.timer.active"),
    ];

    public static MeterProviderBuilder Apply(MeterProviderBuilder metrics)
    {
        foreach (var (name, newName) in Renamed)
            metrics.AddView(name, newName);
        return metrics;
    }
}
