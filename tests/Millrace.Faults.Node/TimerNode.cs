using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults;

/// <summary>A node on a PostgreSQL database that fires timers until a test kills the node.</summary>
internal static class TimerNode
{
    /// <summary>The environment variable that selects this node.</summary>
    public const string Variable = "MILLRACE_FAULTS_TIMERS";

    public static async Task Run(string address)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddModel<Ledger>().AddTimers());
        using var host = builder.Build();
        await host.StartAsync();
        await Console.Out.WriteLineAsync("READY");
        await host.WaitForShutdownAsync();
    }
}
