using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>Alerts when the clock of the storage is set back, or when no node evaluated for a time.</summary>
public sealed class AlertClockTests
{
    private static readonly DateTimeOffset Late = Start.AddHours(5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_alert_fires_after_the_clock_was_set_back(bool restarts)
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var before = await AlertNode.Open(shared.Open(), Rule);
        await before.Evaluate(Late, Of(11));
        await using var other = await AlertNode.Open(shared.Open(), Rule);
        var node = restarts ? other : before;
        await node.Evaluate(Start, Of(11));
        await node.Send(Start);
        Assert.Empty(node.First.Notices);
        await node.Evaluate(Start.AddSeconds(30), Of(11));
        await node.Send(Start.AddSeconds(30));
        Assert.Equal(["Fired busy-1"], node.First.Items);
    }

    [Fact]
    public async Task Notices_are_sent_and_repeated_after_the_clock_was_set_back()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(
            shared.Open(), Immediate with { RepeatEvery = TimeSpan.FromMinutes(10) });
        await node.Evaluate(Late, Of(11));
        await node.Send(Late); // The next notice follows after the group interval.
        await node.Evaluate(Start, Of(11), Of(11, "n2"));
        await node.Send(Start);
        Assert.Equal(["Fired busy-1", "Fired busy-2"], node.First.Items);
        await node.Evaluate(Start.AddMinutes(10), Of(11), Of(11, "n2"));
        await node.Send(Start.AddMinutes(10));
        Assert.Equal(["Repeated busy-1", "Repeated busy-2"], node.First.Items.Skip(2));
    }

    [Fact]
    public async Task A_time_without_evaluations_is_not_time_beyond_the_threshold()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using (var before = await AlertNode.Open(shared.Open(), Rule))
            await before.Evaluate(Start, Of(11));
        await using var node = await AlertNode.Open(shared.Open(), Rule);
        await node.Evaluate(Late, Of(11));
        Assert.Equal(AlertState.Pending, await StateOf(node));
        await node.Evaluate(Late.AddSeconds(30), Of(11));
        Assert.Equal(AlertState.Firing, await StateOf(node));
    }

    [Fact]
    public async Task A_time_without_evaluations_is_not_time_without_data()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var rule = Immediate with { AlertsOnNoData = true };
        await using (var before = await AlertNode.Open(shared.Open(), rule))
        {
            await before.Evaluate(Start, Of(11));
            await before.Evaluate(Start.AddSeconds(15));
        }
        await using var node = await AlertNode.Open(shared.Open(), rule);
        await node.Evaluate(Late); // The first samples follow after some seconds.
        await node.Evaluate(Late.AddSeconds(15), Of(11));
        await node.Send(Late.AddSeconds(15));
        Assert.Equal(["Fired busy-1"], node.First.Items);
        Assert.Equal(AlertState.Firing, await StateOf(node));
    }

    private static async Task<AlertState?> StateOf(AlertNode node) =>
        (await node.Alerts.FindRule("busy"))!.Alerts.SingleOrDefault()?.State;
}
