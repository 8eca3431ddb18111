using Millrace.Alerting;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>Alerts over restarts, nodes and failures, on each storage.</summary>
public sealed class AlertStoreTests
{
    [Theory]
    [StoreKinds]
    public async Task A_restart_keeps_the_time_of_a_pending_alert(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var node = await AlertNode.Open(shared.Open(), Rule))
            await node.Evaluate(Start, Of(11));
        await using var restarted = await AlertNode.Open(shared.Open(), Rule);
        await restarted.Evaluate(Start.AddSeconds(20), Of(11));
        Assert.Equal(AlertState.Pending, (await StateOf(restarted))?.State);
        await restarted.Evaluate(Start.AddSeconds(30), Of(11));
        Assert.Equal(AlertState.Firing, (await StateOf(restarted))?.State);
        await restarted.Send(Start.AddSeconds(30));
        Assert.Equal(["Fired busy-1"], restarted.First.Items);
    }

    [Theory]
    [StoreKinds]
    public async Task Two_nodes_that_evaluate_at_the_same_time_send_one_notice(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var one = await AlertNode.Open(shared.Open(), Immediate);
        await using var two = await AlertNode.Open(shared.Open(), Immediate);
        await Task.WhenAll(one.Evaluate(Start, Of(11)), two.Evaluate(Start, Of(11)));
        await one.Send(Start);
        await two.Send(Start);
        Assert.Equal(["Fired busy-1"], one.First.Items.Concat(two.First.Items));
        var history = await two.Alerts.History();
        Assert.Equal(["notified", "fired"], history.Select(entry => entry.Kind));
        Assert.Equal("busy-1", Assert.Single(history[0].Alerts));
    }

    [Fact]
    public async Task A_failing_channel_blocks_no_other_and_loses_nothing()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(
            shared.Open(), Immediate with { Channels = ["first", "second"], Aggregate = AlertAggregate.Node });
        node.First.OnSend = static (_, _) => throw new InvalidOperationException("down");
        for (var i = 0; i < 40; i++)
        {
            var now = Start.AddMinutes(i);
            await node.Evaluate(now, Of(i % 2 == 0 ? 11 : 1));
            await node.Send(now);
        }
        Assert.Equal(40, node.Second.Items.Count());
        Assert.Single(node.First.Notices.Select(notice => notice.Id).Distinct()); // Each attempt has the same id.
        Assert.InRange(node.First.Notices.Count, 4, 12); // The pauses grow.
        var failed = (await node.Documents.FindQueue("first", default)).Value;
        Assert.Contains("down", failed.Error, StringComparison.Ordinal);
        node.First.OnSend = static (_, _) => Task.CompletedTask;
        await node.Send(Start.AddHours(1));
        await node.Send(Start.AddHours(2));
        Assert.Equal(
            node.Second.Items,
            node.First.Notices.DistinctBy(notice => notice.Id).SelectMany(notice => notice.Items)
                .Select(item => $"{item.Kind} {item.Alert}"));
    }

    [Fact]
    public async Task A_flood_of_alerts_is_few_notices()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        await node.Evaluate(Start, [.. Enumerable.Range(0, 500).Select(i => Of(11, $"n{i}"))]);
        for (var second = 0; second < 60; second += 15)
            await node.Send(Start.AddSeconds(second));
        Assert.Equal([200, 200, 100], node.First.Notices.Select(notice => notice.Items.Count));
        await node.Evaluate(
            Start.AddSeconds(60), [.. Enumerable.Range(0, 500).Select(i => Of(i < 10 ? 1 : 11, $"n{i}"))]);
        await node.Send(Start.AddSeconds(75));
        Assert.Equal(3, node.First.Notices.Count); // Within the group interval.
        await node.Send(Start.AddSeconds(90));
        Assert.Equal(10, node.First.Notices[3].Items.Count);
    }

    [Theory]
    [StoreKinds]
    public async Task A_stored_rule_replaces_the_one_in_code_until_it_is_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        var version = await node.Alerts.StoreRule(Immediate with { Threshold = 20 }, "kim", 0);
        var changed = await Assert.ThrowsAsync<AlertRuleChangedException>(
            () => node.Alerts.StoreRule(Immediate, "kim", 0));
        Assert.Equal(version, changed.Actual);
        await node.Evaluate(Start, Of(11));
        Assert.Null(await StateOf(node));
        var stored = await node.Alerts.FindRule("busy");
        Assert.Equal((AlertRuleSource.Stored, "kim", 20), (stored!.Source, stored.By, stored.Rule.Threshold));
        await node.Alerts.RemoveRule("busy", "kim", version);
        await node.Evaluate(Start.AddSeconds(15), Of(11));
        Assert.Equal(AlertState.Firing, (await StateOf(node))?.State);
        await Assert.ThrowsAsync<AlertNotFoundException>(() => node.Alerts.RemoveRule("busy", "kim"));
    }

    [Fact]
    public async Task A_stored_rule_must_use_channels_of_the_application()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await AlertNode.Open(shared.Open());
        var refused = await Assert.ThrowsAsync<AlertRuleException>(
            () => node.Alerts.StoreRule(Immediate with { Channels = ["http://10.0.0.1/"] }, "kim"));
        Assert.Contains("There are: first, second", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task An_acknowledged_alert_is_not_escalated(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var rule = Immediate with { Escalations = [new(TimeSpan.FromMinutes(5), ["second"])] };
        await using var node = await AlertNode.Open(shared.Open(), rule);
        await node.Evaluate(Start, Of(11), Of(11, "n2"));
        Assert.Equal("kim", (await node.Alerts.Acknowledge("busy-1", "kim")).AcknowledgedBy);
        await using var restarted = await AlertNode.Open(shared.Open(), rule);
        await restarted.Evaluate(Start.AddMinutes(5), Of(11), Of(11, "n2"));
        await restarted.Send(Start.AddMinutes(5));
        Assert.Equal(["Escalated busy-2"], restarted.Second.Items);
        await Assert.ThrowsAsync<AlertNotFoundException>(() => node.Alerts.Acknowledge("busy-9", "kim"));
    }

    [Fact]
    public async Task A_sum_over_nodes_does_not_fall_because_a_node_is_late()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var rule = Immediate with { Aggregate = AlertAggregate.Sum, Condition = AlertCondition.Below };
        await using var node = await AlertNode.Open(shared.Open(), rule);
        await node.Evaluate(Start, Of(8), Of(8, "n2"));
        await node.Evaluate(Start.AddSeconds(15), Of(8));
        Assert.Null(await StateOf(node));
        await node.Evaluate(Start.AddMinutes(10), Of(8));
        Assert.Equal(AlertState.Firing, (await StateOf(node))?.State);
    }

    [Fact]
    public async Task A_tool_sees_the_rules_that_the_application_declared()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        await using var service = node.CreateService(Of(11));
        await service.Declare(default);
        await service.Declare(default);
        Assert.True(await service.RunOnce(default));
        await service.WaitForSending(default).WaitAsync(TimeSpan.FromSeconds(30));
        var rule = Assert.Single(await Alerts.Of(node.Store).ListRules());
        Assert.Equal((AlertRuleSource.Code, "busy-1"), (rule.Source, Assert.Single(rule.Alerts).Id));
        Assert.Equal(["Fired busy-1"], node.First.Items);
        Assert.Equal(1, (await new AlertLog(node.Store).ReadRules(default)).Version);
    }

    [Fact]
    public async Task Only_the_node_with_the_lock_evaluates()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var one = await AlertNode.Open(shared.Open(), Immediate);
        await using var two = await AlertNode.Open(shared.Open(), Immediate);
        var first = one.CreateService();
        await using var second = two.CreateService();
        Assert.True(await first.RunOnce(default));
        Assert.False(await second.RunOnce(default));
        await first.DisposeAsync();
        Assert.True(await second.RunOnce(default));
    }

    [Fact]
    public async Task Applications_cannot_append_events_of_alerts()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await AlertNode.Open(shared.Open());
        var forged = NewEvent.FromBytes("alerts.resolved", "{}"u8.ToArray());
        await Assert.ThrowsAsync<InvalidNameException>(
            () => node.Store.Append(new StreamId("x"), ExpectedVersion.Any, [forged]));
    }

    private static async Task<Alert?> StateOf(AlertNode node) =>
        (await node.Alerts.FindRule("busy"))!.Alerts.SingleOrDefault();
}
