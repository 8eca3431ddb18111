using Millrace.Alerting;
using Millrace.Events;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>The history of alerts in the stream <c>$alerts</c>.</summary>
public sealed class AlertHistoryTests
{
    [Theory]
    [StoreKinds]
    public async Task Old_entries_are_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        var log = new AlertLog(node.Store);
        await node.Evaluate(Start, [.. Enumerable.Range(0, 1_000).Select(i => Of(11, $"n{i}"))]);
        await node.Evaluate(Start, [.. Enumerable.Range(0, 1_000).Select(i => Of(i < 200 ? 1 : 11, $"n{i}"))]);
        var now = TimeProvider.System.GetUtcNow();
        await log.RemoveBefore(now.AddDays(-1), default);
        Assert.Equal(1_200, await CountEntries(node));
        await log.RemoveBefore(now.AddDays(1), default);
        Assert.Equal(200, await CountEntries(node));
        Assert.All(await node.Alerts.History(200), entry => Assert.Equal("resolved", entry.Kind));
        await log.RemoveBefore(now.AddDays(1), default);
        Assert.Equal(2, (await node.Store.ListRemovals(AlertEvents.Stream)).Count);
    }

    [Fact]
    public async Task An_operator_can_only_truncate_the_history()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        await node.Evaluate(Start, Of(11), Of(11, "n2"));
        await node.Store.Truncate(AlertEvents.Stream, 2, "no longer needed");
        Assert.Equal(1, await CountEntries(node));
        await Assert.ThrowsAsync<InvalidNameException>(
            () => node.Store.Tombstone(AlertEvents.Stream, ExpectedVersion.StreamExists, "no longer needed"));
        await Assert.ThrowsAsync<InvalidNameException>(
            () => node.Store.Truncate(AlertEvents.RuleStream, 1, "no longer needed"));
    }

    private static async Task<int> CountEntries(AlertNode node)
    {
        var count = 0;
        await foreach (var _ in node.Store.ReadStream(AlertEvents.Stream, 1, default))
            count++;
        return count;
    }
}
