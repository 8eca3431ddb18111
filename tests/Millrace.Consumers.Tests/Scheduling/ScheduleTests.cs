using Microsoft.Extensions.DependencyInjection;
using Millrace.Scheduling;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

public sealed class ScheduleTests
{
    [Theory]
    [StoreKinds]
    public async Task Each_time_is_run_once_by_one_of_several_nodes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await BellNode.Start(shared.Open(), configure: Every);
        await using var second = await BellNode.Start(shared.Open(), configure: Every);
        await first.WaitForRings(3);
        await Schedules(second).Pause("bell", "ada");
        // A run that has started before the pause completes.
        var rings = await Eventually.Get(first.Rings, all => all.Count == Tries(), TestNode.WaitTimeout);

        Assert.Equal(rings.Distinct(), rings);

        int Tries() => first.Bell.Tries.Concat(second.Bell.Tries).Distinct().Count();

        static void Every(MillraceBuilder millrace) =>
            millrace.AddSchedule("bell", "* * * * * *", time => new Ring(time.ToString("O")));
    }

    [Fact]
    public async Task A_paused_schedule_runs_on_request_and_continues_when_it_is_resumed()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await BellNode.Start(
            shared.Open(), configure: millrace => millrace.AddSchedule("bell", "0 3 * * *", _ => new Ring("now")));
        var schedules = Schedules(node);
        await Eventually.Get(async () => await schedules.List(), all => all.Count == 1, TestNode.WaitTimeout);

        var paused = await schedules.Pause("bell", "ada");
        await schedules.Run("bell", "ada");
        await node.WaitForRings(1);
        var stillPaused = Assert.Single(await schedules.List());
        var resumed = await schedules.Resume("bell", "ada");

        Assert.Equal((true, true, false), (paused.IsPaused, stillPaused.IsPaused, resumed.IsPaused));
        Assert.Null(stillPaused.Next);
        Assert.NotNull(stillPaused.LastRunAt);
        Assert.Equal(3, resumed.Next!.Value.Hour);
        Assert.Equal(5, resumed.NextTimes(DateTimeOffset.UtcNow, 5).Count);
        await Assert.ThrowsAsync<ScheduleNotFoundException>(() => schedules.Pause("drum"));
    }

    [Fact]
    public async Task A_timeout_of_the_command_is_recorded_as_its_failure()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await BellNode.Start(
            shared.Open(), configure: millrace => millrace.AddSchedule("bell", "0 3 * * *", _ => new Ring("now")));
        var schedules = Schedules(node);
        await Eventually.Get(async () => await schedules.List(), all => all.Count == 1, TestNode.WaitTimeout);
        (node.Bell.Error, node.Bell.Failures) = (new TaskCanceledException("The request has timed out."), int.MaxValue);

        await schedules.Run("bell", "ada");
        var failed = await Eventually.Get(
            async () => await schedules.Find("bell"), schedule => schedule?.Error is not null, TestNode.WaitTimeout);

        Assert.Contains("TaskCanceledException", failed!.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MissedRuns.Skip, OverlappingRuns.Skip, null)]
    [InlineData(MissedRuns.Once, OverlappingRuns.Skip, "2026-11-21T11:00")]
    [InlineData(MissedRuns.All, OverlappingRuns.Skip, "2026-11-21T09:00")]
    public void The_outcome_of_missed_times_is_reported(MissedRuns missed, OverlappingRuns overlapping, string? next)
    {
        var definition = Hourly(missed, overlapping);
        var (time, now) = (At("08:00"), At("10:30"));

        var isSkipped = ScheduleRecord.Of(definition.Form).IsSkipped(time, now, definition.Missed);
        var behind = definition.NextAfterRun(time, [], queueAfter: now, startedAt: now, endedAt: now).Next;

        Assert.Equal(next is null, isSkipped);
        if (next is not null)
            Assert.Equal(
                DateTimeOffset.Parse(next + ":00Z", System.Globalization.CultureInfo.InvariantCulture), behind);
    }

    [Theory]
    [InlineData(OverlappingRuns.Skip, "11:00")]
    [InlineData(OverlappingRuns.Queue, "09:00", "10:00")]
    public void The_outcome_of_times_within_a_long_run_is_reported(
        OverlappingRuns overlapping, string next, params string[] queued)
    {
        var behind = Hourly(MissedRuns.Once, overlapping).NextAfterRun(
            At("08:00"), [], queueAfter: At("08:00"), startedAt: At("08:00"), endedAt: At("10:30"));

        Assert.Equal(At(next), behind.Next);
        Assert.Equal(queued.Select(At), behind.Queued);
    }

    [Fact]
    public void The_number_of_times_that_wait_for_a_run_is_limited()
    {
        var (begun, done) = (At("08:00"), At("08:00").AddDays(10));

        var behind = Hourly(MissedRuns.Once, OverlappingRuns.Queue).NextAfterRun(At("08:00"), [], begun, begun, done);

        Assert.Equal(At("09:00"), behind.Next);
        Assert.Equal(ScheduleDefinition.MaxQueued - 1, behind.Queued.Length);
    }

    private static Schedules Schedules(BellNode node) => node.Services.GetRequiredService<Schedules>();

    private static ScheduleDefinition Hourly(MissedRuns missed, OverlappingRuns overlapping) =>
        new("bell", "0 * * * *", static _ => new Ring("x"), TimeZoneInfo.Utc, missed, overlapping);

    private static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse($"2026-11-21T{time}:00Z", System.Globalization.CultureInfo.InvariantCulture);
}
