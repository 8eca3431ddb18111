using Millrace.Scheduling;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

public sealed class TimerTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [StoreKinds]
    public async Task A_command_is_sent_once_when_it_is_due(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());

        var later = await node.Timers.Set(new Ring("later"), Hour);
        var soon = await node.Timers.Set(
            new Ring("soon"), TimeSpan.FromMilliseconds(50), new TimerOptions { Key = "soon", By = "ada" });
        var story = await node.WaitForLastEvent(soon, "timers.fired");
        var pending = await node.Timers.List(new TimerQuery());

        Assert.Equal(["timers.set", "timers.fired"], story);
        Assert.Equal(["soon"], await node.Rings());
        Assert.Single(node.Bell.Tries);
        Assert.Equal((later, "ring"), (Assert.Single(pending.Timers).Key, pending.Timers[0].Command));
    }

    [Theory]
    [StoreKinds]
    public async Task Timers_are_replaced_moved_cancelled_and_run_by_their_key(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        var timers = node.Timers;
        await timers.Set(new Ring("first"), Hour, new TimerOptions { Key = "a" });
        await timers.Set(new Ring("second"), Hour, new TimerOptions { Key = "a" });
        await timers.Set(new Ring("never"), Hour, new TimerOptions { Key = "b" });

        Assert.True(await timers.Cancel("b", "ada", "not needed"));
        Assert.False(await timers.Cancel("b", "ada"));
        await Assert.ThrowsAsync<TimerNotFoundException>(() => timers.Run("b", "ada"));
        await timers.Run("a", "ada", "now please");
        await node.WaitForLastEvent("a", "timers.fired");

        Assert.Equal(["second"], await node.Rings());
        Assert.Equal(["timers.set", "timers.set", "timers.moved", "timers.fired"], await node.EventTypes("a"));
        Assert.Equal(["timers.set", "timers.cancelled"], await node.EventTypes("b"));
        Assert.Null(await timers.Find("a"));
    }

    [Theory]
    [StoreKinds]
    public async Task Timers_are_not_a_read_model_that_can_be_rebuilt(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        await node.Timers.Set(new Ring("later"), Hour);

        var listed = await node.Projections.List();
        await Assert.ThrowsAsync<ProjectionNotFoundException>(() => node.Projections.StartRebuild("timers"));

        Assert.Empty(listed);
        Assert.Single((await node.Timers.List(new TimerQuery())).Timers);
    }

    [Theory]
    [StoreKinds]
    public async Task A_handlers_timer_is_set_with_its_events_or_not_at_all(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        var due = DateTimeOffset.UtcNow + Hour;

        await node.Commands.Send(new Wind("kept", due));
        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await node.Commands.Send(new Wind("lost", due, Fails: true)));
        var unwound = await node.Commands.Send(new Unwind("kept"));
        var again = await node.Commands.Send(new Unwind("kept"));

        Assert.Equal((true, false), (unwound.Value, again.Value));
        Assert.Equal(["timers.set", "timers.cancelled"], await node.EventTypes("kept"));
        Assert.Empty(await node.EventTypes("lost"));
        Assert.Empty((await node.Timers.List(new TimerQuery())).Timers);
    }

    [Theory]
    [StoreKinds]
    public async Task A_timer_that_sets_itself_again_fires_again_also_after_a_failure(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());
        node.Bell.Failures = 1;

        await node.Timers.Set(new Chime("chime", 2), TimeSpan.Zero, new TimerOptions { Key = "chime" });
        await node.WaitForRings(3);

        Assert.Equal(["2", "1", "0"], await node.Rings());
        Assert.Equal(4, node.Bell.Tries.Count);
        Assert.Null(await node.Timers.Find("chime"));
    }

    [Theory]
    [InlineData(StoreKind.Memory, 0)]
    [InlineData(StoreKind.Sqlite, 0)]
    [InlineData(StoreKind.Memory, 1)]
    [InlineData(StoreKind.Sqlite, 1)]
    public async Task A_timer_that_its_own_command_cancels_has_fired_once_also_when_it_was_set_again_before(
        StoreKind kind, int remaining)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await BellNode.Start(shared.Open());

        await node.Timers.Set(
            new Chime("chime", remaining, Cancels: true), TimeSpan.Zero, new TimerOptions { Key = "chime" });
        await node.WaitForLastEvent("chime", "timers.fired");

        Assert.Equal([$"{remaining}"], await node.Rings());
        Assert.Single(node.Bell.Tries);
        Assert.Null(await node.Timers.Find("chime"));
    }

    [Fact]
    public async Task Another_node_fires_timers_set_here_and_takes_over_after_a_crash()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var settingNode = await BellNode.Start(shared.Open(), options: all => all.IsEnabled = false);
        var firingNode = await BellNode.Start(shared.Open());
        await settingNode.Timers.Set(new Ring("one"), TimeSpan.FromMilliseconds(20));
        await settingNode.WaitForRings(1);

        await settingNode.Consumers.Pause("timers");
        await Eventually.Get(
            firingNode.Consumers, "timers", status => status.State == ConsumerState.Paused, TestNode.WaitTimeout);
        // The timer is due, but cannot fire before the node dies.
        await settingNode.Timers.Set(new Ring("two"), TimeSpan.FromMilliseconds(20));
        await firingNode.DisposeAsync();
        await using var next = await BellNode.Start(shared.Open());
        await settingNode.Consumers.Resume("timers");
        await next.WaitForRings(2);

        Assert.Equal(["one", "two"], await next.Rings());
        Assert.Single(next.Bell.Tries);
        Assert.Empty(settingNode.Bell.Tries);
    }

    [Fact]
    public async Task A_failing_command_is_retried_with_the_same_id_and_then_held()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await BellNode.Start(shared.Open());
        node.Bell.Failures = 1;

        await node.Timers.Set(new Ring("stuck"), TimeSpan.Zero, new TimerOptions { Key = "stuck" });
        await node.WaitForLastEvent("stuck", "timers.fired");

        Assert.Equal(2, node.Bell.Tries.Count);
        Assert.Single(node.Bell.Tries.Distinct());
        Assert.Equal(["stuck"], await node.Rings());
    }

    [Fact]
    public async Task A_timeout_of_the_command_is_recorded_as_its_failure()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await BellNode.Start(shared.Open());
        (node.Bell.Error, node.Bell.Failures) = (new TaskCanceledException("The request has timed out."), int.MaxValue);

        await node.Timers.Set(new Ring("stuck"), TimeSpan.Zero, new TimerOptions { Key = "stuck" });
        var failed = await Eventually.Get(
            async () => await node.Timers.Find("stuck"), timer => timer?.Failures > 0, TestNode.WaitTimeout);

        Assert.Contains("TaskCanceledException", failed!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_refusal_is_recorded_and_an_unknown_command_is_held()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await BellNode.Start(shared.Open());

        await node.Timers.Set(new Refuse(), TimeSpan.Zero, new TimerOptions { Key = "night" });
        var refused = await node.WaitForLastEvent("night", "timers.refused");
        await node.Store.Commit(
            new Storage.CommitRequest
            {
                Documents =
                [
                    TimerStore.Write(
                        "old",
                        new TimerRecord
                        {
                            Due = DateTimeOffset.UtcNow,
                            Id = Guid.CreateVersion7(),
                            Command = "forgotten",
                            SetAt = DateTimeOffset.UtcNow,
                            Body = System.Text.Json.JsonDocument.Parse("{}").RootElement,
                        },
                        null),
                ],
            },
            isBackground: false, CancellationToken.None);
        await node.Timers.Set(new Ring("wakes"), TimeSpan.Zero);
        await node.WaitForLastEvent("old", "timers.held");
        var held = Assert.Single((await node.Timers.List(new TimerQuery { IsHeld = true })).Timers);

        Assert.Equal(["timers.set", "timers.refused"], refused);
        Assert.True(held.IsHeld);
        Assert.Contains("forgotten", held.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_in_a_year_delays_no_other()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await BellNode.Start(shared.Open());

        await node.Timers.Set(new Ring("late"), TimeSpan.FromDays(366));
        await node.Timers.Set(new Ring("soon"), TimeSpan.FromMilliseconds(50));
        await node.WaitForRings(1);
        await node.Timers.Set(new Ring("again"), TimeSpan.FromMilliseconds(50));

        Assert.Equal(["soon", "again"], await node.WaitForRings(2));
        Assert.Null((await node.Consumers.List()).Single(status => status.Name == "timers").Problem);
    }

    [Fact]
    public async Task A_key_outside_its_limits_is_refused()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await BellNode.Start(shared.Open());

        await Assert.ThrowsAsync<InvalidNameException>(() =>
            node.Timers.Set(new Ring("x"), Hour, new TimerOptions { Key = "" }));
        await Assert.ThrowsAsync<InvalidNameException>(() =>
            node.Timers.Set(new Ring("x"), Hour, new TimerOptions { Key = new string('x', 257) }));
    }
}
