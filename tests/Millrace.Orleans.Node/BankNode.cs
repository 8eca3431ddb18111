using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Millrace.Bank;

/// <summary>A node with accounts of several tenants, which only clerks may change.</summary>
public static class BankNode
{
    public const string Clerk = "clerk";

    public static IHost Create(string address, string name, int port, Action<MillraceBuilder>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders()
            .AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace)
            .SetMinimumLevel(LogLevel.Error)
            .AddFilter("Orleans", LogLevel.None); // It reports the nodes that tests kill.
        builder.Services.AddSingleton(new NodeName(name));
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UsePostgreSql(address)
                .AddModel<Accounts>()
                .WithTenants(tenants => tenants.CreatesOnDemand = true)
                .AddAccessControl(access => access.Role(Clerk, role => role
                    .MaySend<Deposit>()
                    .MaySend<Withdraw>()
                    .MaySend<Wait>()))
                .UseOrleans(address, options => (options.Port, options.Host) = (port, "127.0.0.1"));
            configure?.Invoke(millrace);
        });
        builder.Services.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(1); // A killed node is found quickly.
            membership.NumMissedProbesLimit = 2;
        });
        return builder.Build();
    }
}
