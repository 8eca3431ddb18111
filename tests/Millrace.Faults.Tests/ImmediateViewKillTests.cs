using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests a node in a separate program that is killed between a commit with rows of an immediate view and its report.
/// </summary>
public sealed class ImmediateViewKillTests : IDisposable
{
    private const int Writers = 40;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-immediate-view-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(ImmediateViewNode.Completing)]
    [InlineData(ImmediateViewNode.Changing)]
    public Task The_next_node_continues_with_the_committed_rows_on_SQLite(string lastCommit) =>
        Check(Path.Combine(_directory, "store.db"), lastCommit);

    [PostgreSqlFact]
    public async Task The_next_node_continues_with_the_committed_rows_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        var database = await server.CreateDatabase();
        await Check($"postgres://owner@127.0.0.1:{server.Port}/{database}", ImmediateViewNode.Completing);
    }

    private static async Task Check(string address, string lastCommit)
    {
        using (var first = await Start(address, hasView: false))
        {
            for (var writer = 0; writer < Writers; writer++)
                await first.Services.GetRequiredService<EventStore>().Append(
                    StreamId.For("account", $"{writer}"),
                    ExpectedVersion.NoStream,
                    [new Deposited($"{writer}", writer, 1, 1 + (writer % 2), 1)]);
            var end = await first.Services.GetRequiredService<EventStore>().GetToken();
            await first.Services.GetRequiredService<IReadModel<int, WriterTotal>>()
                .Get(0, new ReadAfter(end, WaitTimeout));
            await first.StopAsync();
        }
        await KillAfter(address, lastCommit);

        string? killed;
        using (var reader = await Start(address, runsConsumers: false))
        {
            killed = Assert.Single(await StatusOf(reader)).Collection;
            await reader.StopAsync();
        }
        using var next = await Start(address);
        var token = await next.Services.GetRequiredService<EventStore>().GetToken();
        var page = await next.Services.GetRequiredService<IMaterializedView<long, AmountWriters>>()
            .Query(new ReadQuery { OrderBy = "amount" }, new ReadAfter(token, WaitTimeout));
        var reported = await Eventually.Get(
            async () => Assert.Single(await StatusOf(next)), static view => !view.IsRefreshing, WaitTimeout);
        await next.StopAsync();

        (long, long, decimal)[] expected = lastCommit == ImmediateViewNode.Completing
            ? [(1, 20, 20), (2, 20, 20)]
            : [(1, 20, 20), (2, 19, 19), (3, 1, 2)];
        Assert.Equal(
            expected,
            page.Items.Select(static row => (row.Amount, row.Writers, row.Deposits)));
        Assert.True(page.Freshness.IsFresh);
        Assert.NotNull(killed);
        Assert.Equal((killed, null), (reported.Collection, reported.Error));
    }

    private static ValueTask<IReadOnlyList<ViewStatus>> StatusOf(IHost host) =>
        host.Services.GetRequiredService<MaterializedViews>().List();

    private static async Task KillAfter(string address, string lastCommit)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ImmediateViewNode).Assembly.Location, address, "0", "0"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[ImmediateViewNode.Variable] = lastCommit;
        using var process = Process.Start(start)!; // Not null, because a new process is started.
        using var limit = new CancellationTokenSource(WaitTimeout);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line
                && line != ImmediateViewNode.Committed)
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

    private static async Task<IHost> Start(string address, bool hasView = true, bool runsConsumers = true)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => ImmediateViewNode
            .Configure(millrace, ImmediateViewNode.Open(address), hasView)
            .ConfigureConsumers(options => options.IsEnabled = runsConsumers));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
