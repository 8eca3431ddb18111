using Millrace.Storage;
using Millrace.Testing;
using static Millrace.Notifications.Tests.AlertSamples;

namespace Millrace.Notifications.Tests;

/// <summary>Notices over failures of nodes, of the store and of receivers.</summary>
public sealed class NoticeSenderTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    [Theory]
    [StoreKinds]
    public async Task A_notice_survives_a_failure_before_and_after_it_was_sent(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        using var killed = new CancellationTokenSource();
        await using var one = await AlertNode.Open(shared.Open(), Immediate);
        one.First.OnSend = (_, cancellationToken) =>
        {
            killed.Cancel(); // The receiver has the notice, but the node does not record it.
            return Task.FromCanceled(cancellationToken);
        };
        await one.Evaluate(Start, Of(11)); // The node stops before the notice is sent.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.Send(Start, killed.Token));
        await using var two = await AlertNode.Open(shared.Open(), Immediate);
        await two.Send(Start.AddSeconds(15)); // The attempt of the first node can still continue.
        Assert.Empty(two.First.Notices);
        await two.Send(Start.AddSeconds(60));
        await two.Send(Start.AddSeconds(75));
        var first = Assert.Single(one.First.Notices);
        Assert.Equal(first.Id, Assert.Single(two.First.Notices).Id);
    }

    [Fact]
    public async Task Two_nodes_do_not_send_a_notice_at_the_same_time()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var one = await AlertNode.Open(shared.Open(), Immediate);
        await using var two = await AlertNode.Open(shared.Open(), Immediate);
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        one.First.OnSend = (_, _) =>
        {
            received.SetResult();
            return accepted.Task;
        };
        await one.Evaluate(Start, Of(11));
        var slow = one.Send(Start);
        await received.Task.WaitAsync(Timeout);
        await two.Send(Start.AddSeconds(29)); // The first node has lost its lock, but not its attempt.
        accepted.SetResult();
        await slow.WaitAsync(Timeout);
        await two.Send(Start.AddMinutes(5));
        Assert.Empty(two.First.Notices);
        Assert.Single(one.First.Notices);
    }

    [Fact]
    public async Task A_notice_that_was_accepted_is_recorded_although_the_node_stops()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        using var stopping = new CancellationTokenSource();
        await using var one = await AlertNode.Open(shared.Open(), Immediate);
        one.First.OnSend = (_, _) =>
        {
            stopping.Cancel();
            return Task.CompletedTask;
        };
        await one.Evaluate(Start, Of(11));
        await one.SendFirst(Start, stopping.Token);
        await using var two = await AlertNode.Open(shared.Open(), Immediate);
        await two.Send(Start.AddMinutes(5));
        Assert.Empty(two.First.Notices);
    }

    [Fact]
    public async Task A_notice_that_was_accepted_during_an_outage_is_only_recorded_later()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var isDown = false;
        var storage = new FaultInjectingStorage(shared.Open())
        {
            BeforeCommit = (_, _) => isDown
                ? throw new StorageException("down", StorageProblem.Unavailable)
                : ValueTask.CompletedTask,
        };
        await using var node = await AlertNode.Open(storage, Immediate);
        node.First.OnSend = (_, _) =>
        {
            isDown = true;
            return Task.CompletedTask;
        };
        await node.Evaluate(Start, Of(11));
        await Assert.ThrowsAnyAsync<MillraceException>(() => node.SendFirst(Start));
        isDown = false;
        await node.SendFirst(Start.AddSeconds(15));
        await node.SendFirst(Start.AddMinutes(5));
        Assert.Single(node.First.Notices);
        Assert.Equal(["notified", "fired"], (await node.Alerts.History()).Select(entry => entry.Kind));
    }

    [Fact]
    public async Task A_node_that_stops_waits_for_the_notice_that_it_sends()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await AlertNode.Open(shared.Open(), Immediate);
        var accepted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var received = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.First.OnSend = (_, cancellationToken) =>
        {
            received.SetResult();
            return accepted.Task.WaitAsync(cancellationToken);
        };
        await using var service = node.CreateService(Of(11));
        Assert.True(await service.RunOnce(default));
        await received.Task.WaitAsync(Timeout);
        var stop = service.Stop(default);
        Assert.False(stop.IsCompleted);
        accepted.SetResult();
        await stop.WaitAsync(Timeout);
        Assert.Equal("notified", (await node.Alerts.History())[0].Kind);
    }
}
