using Millrace.Alerting;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>The changes that a queue keeps for a channel that is down.</summary>
public sealed class ChannelQueueTests
{
    [Fact]
    public void A_full_queue_first_removes_repeated_notices()
    {
        var queue = Full(repeated: 2).Add([Item("new"), Item("newer")]);
        Assert.Equal((ChannelQueue.MaxItems, 2), (queue.Items.Count, queue.Omitted));
        Assert.Equal(["busy-2", "new", "newer"], [queue.Items[0].Alert, .. Newest(queue)]);
    }

    [Fact]
    public void A_full_queue_then_removes_alerts_that_were_resolved()
    {
        var queue = Full().Add([Item("busy-7", AlertNoticeKind.Resolved), Item("new")]);
        Assert.Equal((ChannelQueue.MaxItems, 2), (queue.Items.Count, queue.Omitted));
        Assert.DoesNotContain(queue.Items, item => item.Alert == "busy-7");
        Assert.Equal("busy-0", queue.Items[0].Alert);
        Assert.Equal("new", queue.Items[^1].Alert);
    }

    [Fact]
    public void A_full_queue_at_last_removes_the_oldest_changes()
    {
        var queue = Full().Add([Item("new"), Item("sent-before", AlertNoticeKind.Resolved)]);
        Assert.Equal((ChannelQueue.MaxItems, 2), (queue.Items.Count, queue.Omitted));
        Assert.Equal(["busy-2", "new", "sent-before"], [queue.Items[0].Alert, .. Newest(queue)]);
    }

    [Fact]
    public void A_notice_that_may_have_been_sent_does_not_change()
    {
        var queue = Full().Compose("id", Start);
        var before = queue.ToNotice();
        var after = queue.Add([Item("new"), Item("busy-3", AlertNoticeKind.Resolved)]);
        Assert.Equal(ChannelQueue.MaxNoticeItems, before.Items.Count);
        Assert.Equal(before.Items, after.ToNotice().Items);
        Assert.Contains(after.Items, item => item is { Alert: "busy-3", Kind: AlertNoticeKind.Resolved });
        var next = after.Completed(Start, TimeSpan.Zero).Compose("next", Start).ToNotice();
        Assert.Equal(("busy-202", 2), (next.Items[0].Alert, next.Omitted));
    }

    private static ChannelQueue Full(int repeated = 0) => ChannelQueue.Empty.Add(
        Enumerable.Range(0, ChannelQueue.MaxItems)
            .Select(i => Item($"busy-{i}", i < repeated ? AlertNoticeKind.Repeated : AlertNoticeKind.Fired)));

    private static IEnumerable<string> Newest(ChannelQueue queue) => queue.Items.TakeLast(2).Select(item => item.Alert);

    private static AlertNoticeItem Item(string alert, AlertNoticeKind kind = AlertNoticeKind.Fired) =>
        new() { Alert = alert, Kind = kind, Rule = "busy", Metric = "cpu" };
}
