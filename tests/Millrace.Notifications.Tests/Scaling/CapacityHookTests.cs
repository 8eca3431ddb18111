using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Notifications.Tests.Scaling;

/// <summary>Tests of real programs as hooks, and of applications that use them.</summary>
public sealed class CapacityHookTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-capacity-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_script_gets_the_number_and_the_id_of_the_change()
    {
        var output = Path.Combine(_folder.FullName, "nodes");
        var script = new CapacityScript(
            "/bin/sh",
            "-c",
            $"echo $MILLRACE_PREVIOUS_NODES $MILLRACE_NODES $MILLRACE_CAPACITY_REASON $MILLRACE_CHANGE_ID > {output}");

        await script.SetNodes(NewChange(), CancellationToken.None);

        Assert.Equal("2 3 Cpu abc\n", await File.ReadAllTextAsync(output));
    }

    [Fact]
    public async Task A_script_that_fails_is_an_error_with_its_text_and_one_that_takes_too_long_is_killed()
    {
        var failing = new CapacityScript("/bin/sh", "-c", "echo The quota is used up. >&2; exit 3");
        var file = Path.Combine(_folder.FullName, "pid");
        var slow = new CapacityScript("/bin/sh", "-c", $"echo $$ > {file}; exec sleep 600");
        using var limit = new CancellationTokenSource();

        var failed = await Assert.ThrowsAsync<InvalidOperationException>(
            () => failing.SetNodes(NewChange(), CancellationToken.None));
        var running = slow.SetNodes(NewChange(), limit.Token);
        var pid = await Eventually.Get(
            () => Task.FromResult(File.Exists(file) ? File.ReadAllText(file).Trim() : ""), text => text.Length > 0);
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Contains("exit code 3: The quota is used up.", failed.Message, StringComparison.Ordinal);
        await Eventually.Until(() => !Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task A_process_that_a_script_leaves_in_the_background_does_not_delay_it()
    {
        var script = new CapacityScript("/bin/sh", "-c", "sleep 30 & exit 0");

        await script.SetNodes(NewChange(), CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_application_with_too_few_nodes_calls_its_hook_once_and_knows_the_number_after_a_restart()
    {
        var calls = Path.Combine(_folder.FullName, "calls");
        using (var first = Build(calls))
        {
            await first.StartAsync();
            await Eventually.Until(() => File.Exists(calls));
            var capacity = first.Services.GetRequiredService<Capacity>();
            await Eventually.Get(
                () => capacity.GetStatus(), status => status.Changes is [{ State: CapacityState.Done }]);
            await first.StopAsync();
        }
        using var second = Build(calls);
        await second.StartAsync();
        var status = await second.Services.GetRequiredService<Capacity>().GetStatus();
        await second.StopAsync();

        Assert.Equal(["2"], await File.ReadAllLinesAsync(calls));
        Assert.Equal((2, CapacityReason.Bounds), (status.Nodes, Assert.Single(status.Changes).Reason));
    }

    [Fact]
    public async Task Options_that_are_not_valid_are_all_reported()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().UseCapacity(
            _ => new CapacityScript("true"),
            options => (options.MinNodes, options.MaxNodes, options.RemoveBelow) = (3, 2, 0.9)));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        Assert.Equal(2, refused.Failures.Count());
    }

    private IHost Build(string calls)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(Path.Combine(_folder.FullName, "app.db"))
            .UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1))
            .UseCapacity(
                _ => new CapacityScript("/bin/sh", "-c", $"echo $MILLRACE_NODES >> {calls}"),
                options => (options.MinNodes, options.Interval, options.AddAfter) =
                    (2, TimeSpan.FromSeconds(1), TimeSpan.Zero)));
        return builder.Build();
    }

    private static CapacityChange NewChange() => new()
    {
        Id = "abc",
        Nodes = 3,
        PreviousNodes = 2,
        Reason = CapacityReason.Cpu,
        Explanation = "busy",
        At = DateTimeOffset.UnixEpoch,
    };
}
