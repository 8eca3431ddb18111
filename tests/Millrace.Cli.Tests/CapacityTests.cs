using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool shows and sets the number of nodes of a running application.</summary>
public sealed class CapacityTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_number_is_set_by_hand_and_the_application_calls_its_hook()
    {
        var called = new TaskCompletionSource<CapacityChange>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var host = Start(called);
        await host.StartAsync();
        var capacity = host.Services.GetRequiredService<Capacity>();
        await Testing.Eventually.Get(() => capacity.GetStatus(), status => status.Nodes is not null);

        var set = await _tool.RunOk("capacity", "set", "6", "--reason", "sale", "--by", "ada", "--json");
        var change = await called.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Testing.Eventually.Get(
            () => capacity.GetStatus(), status => status.Changes[0].State == CapacityState.Done);
        var shown = await _tool.RunOk("capacity");
        var outside = await _tool.Run("capacity", "set", "9", "--reason", "sale");
        await host.StopAsync();

        Assert.Equal(
            (change.Id, 6), (set.Json.GetProperty("id").GetString(), set.Json.GetProperty("nodes").GetInt32()));
        Assert.Contains("Nodes: 6, from 1 to 8.", shown.Output, StringComparison.Ordinal);
        Assert.Contains("operator ada", shown.Output, StringComparison.Ordinal);
        Assert.Equal(2, outside.ExitCode);
        Assert.Contains("must be from 1 to 8", outside.Error, StringComparison.Ordinal);
    }

    private IHost Start(TaskCompletionSource<CapacityChange> called)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1))
            .UseCapacity(
                _ => new Hook(called),
                options => (options.MaxNodes, options.Interval, options.AddAfter) =
                    (8, TimeSpan.FromSeconds(1), TimeSpan.Zero)));
        return builder.Build();
    }

    private sealed class Hook(TaskCompletionSource<CapacityChange> called) : ICapacityHook
    {
        public Task SetNodes(CapacityChange change, CancellationToken cancellationToken)
        {
            called.TrySetResult(change);
            return Task.CompletedTask;
        }
    }
}
