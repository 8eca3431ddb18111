using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults.Tests;

/// <summary>Tests a node in a separate program that is killed in the middle of the refresh of a view.</summary>
public sealed class ViewKillTests : IDisposable
{
    private const int Writers = 40;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-view-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Another test does it on PostgreSQL.
    public Task The_former_rows_remain_and_another_node_refreshes_on_SQLite() =>
        Check(Path.Combine(_directory, "store.db"));

    [PostgreSqlFact]
    public async Task The_former_rows_remain_and_another_node_refreshes_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await Check($"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}");
    }

    private static async Task Check(string address)
    {
        using (var first = await Start(address))
        {
            await Deposit(first, 0, amount: 1);
            await ViewOf(first).Refresh();
            await Deposit(first, Writers, amount: 1);
            await first.StopAsync();
        }
        await KillInTheMiddle(address);

        using var next = await Start(address);
        var before = await ViewOf(next).Count([]);
        var interrupted = Assert.Single(await next.Services.GetRequiredService<MaterializedViews>().List());
        await ViewOf(next).Refresh();
        var after = await ViewOf(next).Count([]);
        var refreshed = Assert.Single(await next.Services.GetRequiredService<MaterializedViews>().List());
        await next.StopAsync();

        Assert.Equal((Writers, 2L * Writers), (before.Value, after.Value));
        Assert.False(before.Freshness.IsFresh);
        Assert.Equal((true, false), (interrupted.IsRefreshing, refreshed.IsRefreshing));
        Assert.NotEqual(interrupted.Collection, refreshed.Collection);
    }

    private static IMaterializedView<int, WriterDeposits> ViewOf(IHost host) =>
        host.Services.GetRequiredService<IMaterializedView<int, WriterDeposits>>();

    private static async Task Deposit(IHost host, int from, long amount)
    {
        var store = host.Services.GetRequiredService<EventStore>();
        for (var writer = from; writer < from + Writers; writer++)
            await store.Append(
                StreamId.For("account", $"{writer}"),
                ExpectedVersion.NoStream,
                [new Deposited($"{writer}", writer, 1, amount, 1)]);
    }

    private static async Task KillInTheMiddle(string address)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ViewNode).Assembly.Location, address, "0", "0"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[ViewNode.Variable] = "1";
        using var process = Process.Start(start)!; // Not null, because a new process is started.
        using var limit = new CancellationTokenSource(WaitTimeout);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line && line != ViewNode.Filling)
            {
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(137, process.ExitCode);
    }

    private static async Task<IHost> Start(string address)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => ViewNode.Configure(millrace, address, stopsInTheMiddle: false));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
