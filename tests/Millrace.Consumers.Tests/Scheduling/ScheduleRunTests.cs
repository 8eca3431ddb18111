using System.Text.Json;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests which times run and which are skipped when runs fail, take a long time, or are requested.</summary>
public sealed class ScheduleRunTests
{
    [Fact]
    public async Task Missed_times_after_a_failed_one_still_run()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.All,
            OverlappingRuns.Skip,
            (_, at) => at == ScheduleTestHarness.At("08:00") ? new Refuse() : RingAt(at));

        harness.Time.Advance(TimeSpan.FromMinutes(150)); // The times 08:00, 09:00 and 10:00 are missed.
        await harness.RunDue();

        Assert.Equal(["09:00", "10:00"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("11:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_late_retry_is_not_skipped()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => RingAt(at));
        harness.Bell.Failures = 1;
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();

        harness.Time.Advance(TimeSpan.FromMinutes(5));
        await harness.RunDue();

        Assert.Equal(["08:00"], await harness.Rings());
    }

    [Fact]
    public async Task A_requested_run_is_not_skipped_and_the_next_one_may_be()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => RingAt(at));

        await harness.Decide(all => all.Run("bell", "ada"));
        harness.Time.Advance(TimeSpan.FromMinutes(5)); // No node runs.
        await harness.RunDue();
        harness.Time.Advance(TimeSpan.FromHours(1));
        await harness.RunDue();

        Assert.Equal(["07:59"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_time_within_a_run_runs_afterwards_although_missed_times_do_not()
    {
        await using var harness = await ScheduleTestHarness.Start(MissedRuns.Skip, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleTestHarness.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(90)); // The duration of the run.
            return RingAt(at);
        });

        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();

        Assert.Equal(["08:00", "09:00"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(MissedRuns.Once)]
    [InlineData(MissedRuns.Skip)]
    [InlineData(MissedRuns.All)]
    public async Task Each_time_that_became_due_within_a_run_runs_once_after_it(MissedRuns missed)
    {
        await using var harness = await ScheduleTestHarness.Start(missed, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleTestHarness.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(210)); // The duration of the run.
            if (at == ScheduleTestHarness.At("09:00"))
                time.Advance(TimeSpan.FromMinutes(40)); // The duration of the next run.
            return RingAt(at);
        });

        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();

        Assert.Equal(["08:00", "09:00", "10:00", "11:00", "12:00"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("13:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_waiting_run_is_cancelled_alone_and_a_pause_cancels_all()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Queue, (_, at) => RingAt(at));
        await harness.Change(record =>
            record with
            {
                Due = ScheduleTestHarness.At("08:00"),
                Time = ScheduleTestHarness.At("08:00"),
                MustRun = true,
                Queued = [ScheduleTestHarness.At("09:00"), ScheduleTestHarness.At("10:00")],
            }
        );

        var next = await harness.Schedules.Cancel("bell", "ada");
        await harness.Schedules.Pause("bell", "ada");
        harness.Time.Advance(TimeSpan.FromHours(3));
        await harness.Decide(all => all.Resume("bell", "ada"));
        await harness.RunDue();

        Assert.Equal(ScheduleTestHarness.At("09:00"), next.Next);
        Assert.Empty(await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("11:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_paused_schedule_has_no_next_time_after_a_skipped_one()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => RingAt(at));

        // An earlier version left this state after a requested run.
        await harness.Change(record => record with { IsPaused = true });
        harness.Time.Advance(TimeSpan.FromMinutes(5));
        await harness.RunDue();

        Assert.Empty(await harness.Rings());
        var passed = await harness.Schedules.Find("bell");
        Assert.Equal((true, null), (passed!.IsPaused, passed.Next));
    }

    [Theory]
    [InlineData(MissedRuns.Once, OverlappingRuns.Queue, "09:30", "08:00", "09:00")]
    [InlineData(MissedRuns.All, OverlappingRuns.Skip, "09:30", "08:00", "09:00")]
    [InlineData(MissedRuns.Once, OverlappingRuns.Skip, "09:30")] // One run covers all due times.
    [InlineData(MissedRuns.Skip, OverlappingRuns.Queue, "09:30", "09:00")] // No node ran at 08:00.
    public async Task Each_waiting_time_runs_after_a_requested_run(
        MissedRuns missed, OverlappingRuns overlapping, params string[] rings)
    {
        await using var harness = await ScheduleTestHarness.Start(missed, overlapping, (_, at) => RingAt(at));
        if (overlapping == OverlappingRuns.Queue)
            await harness.Change(record => record with { Queued = [ScheduleTestHarness.At("09:00")] });
        harness.Time.Advance(TimeSpan.FromMinutes(91)); // No node has run since 08:00.

        await harness.Decide(all => all.Run("bell", "ada"));
        await harness.RunDue();

        Assert.Equal(rings, await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(1, "10:00")]
    [InlineData(181, "13:00")] // No node ran during the pause, so these times are missed and do not wait.
    public async Task A_time_within_a_failed_attempt_runs_after_it(int pauseMinutes, string next)
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Queue, LongFirstRun());
        harness.Bell.Failures = 1;
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();

        harness.Time.Advance(TimeSpan.FromMinutes(pauseMinutes));
        await harness.RunDue();

        Assert.Equal(["08:00", "09:00"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At(next), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // The edited run also fails.
    public async Task A_time_within_a_run_runs_after_it_when_the_schedule_was_edited_during_the_run(int failures)
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Queue, LongFirstRun());
        harness.Bell.Failures = failures;
        harness.Bell.WhileRinging = () => harness.Schedules.Edit("bell", new ScheduleEdit { Missed = MissedRuns.Skip });

        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();

        // The first attempt was refused, and its repetition has the same id.
        Assert.Equal(2, harness.Bell.Tries.Distinct().Count());
        Assert.Equal(["08:00", "09:00"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task Waiting_runs_are_kept_when_the_times_are_edited()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Queue, (_, at) => RingAt(at));
        await harness.Change(record => record with { MustRun = true, Queued = [ScheduleTestHarness.At("09:00")] });
        harness.Time.Advance(TimeSpan.FromMinutes(62));

        await harness.Decide(all => all.Edit("bell", new ScheduleEdit { Cron = "30 * * * *" }));
        await harness.RunDue();

        Assert.Equal(["08:00", "09:00"], await harness.Rings());
        Assert.Equal(ScheduleTestHarness.At("09:30"), (await harness.Schedules.Find("bell"))!.Next);
    }

    [Fact]
    public async Task Another_command_for_the_same_time_has_another_id_and_the_user_who_edited_it()
    {
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => RingAt(at));
        harness.Bell.Failures = 3;
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        await harness.RunDue();
        await EditAndRun(new ScheduleEdit { Missed = MissedRuns.Skip });
        await EditAndRun(
            new ScheduleEdit
            {
                Command = "ring",
                Body = JsonSerializer.SerializeToElement(new { name = "edited" }),
                By = "ada",
            }
        );
        await EditAndRun(new ScheduleEdit { Missed = MissedRuns.Once, By = "bob" });

        var tries = harness.Bell.Tries.ToArray();
        Assert.Equal(["edited"], await harness.Rings());
        Assert.Equal(["ada"], await harness.Users());
        Assert.Equal(tries[0], tries[1]); // The command is the same.
        Assert.NotEqual(tries[1], tries[2]);
        Assert.Equal(tries[2], tries[3]);

        async Task EditAndRun(ScheduleEdit edit)
        {
            await harness.SchedulesWithCommands.Edit("bell", edit);
            harness.Time.Advance(TimeSpan.FromMinutes(5));
            await harness.RunDue();
        }
    }

    [Fact]
    public async Task A_decision_on_a_node_without_the_time_zone_gets_its_time_on_a_node_with_it()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("Half", TimeSpan.FromMinutes(30), null, null);
        await using var harness = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => RingAt(at), zone);
        var first = (await harness.Schedules.Find("bell"))!.Next;
        Assert.Empty((await harness.Schedules.Find("bell"))!.NextTimes(ScheduleTestHarness.At("08:00"), 5));

        foreach (var (remove, restore) in ((Func<Schedules, Task>, Func<Schedules, Task>)[])[
            (all => all.Remove("bell"), all => all.Restore("bell")),
            (all => all.Remove("bell"), all => all.Reset("bell")),
            (all => all.Pause("bell"), all => all.Resume("bell"))])
        {
            await harness.Decide(remove);
            Assert.Null((await harness.Schedules.Find("bell"))!.Next);
            await restore(harness.Schedules);
            await harness.HandleDecisions();
            Assert.Equal(ScheduleTestHarness.At("08:30"), (await harness.Schedules.Find("bell"))!.Next);
        }

        Assert.Equal(ScheduleTestHarness.At("08:30"), first);
        Assert.Empty(await harness.Rings());
        await Assert.ThrowsAsync<InvalidValueException>(() => harness.Schedules.Cancel("bell"));
    }

    /// <summary>Returns a command factory. The first run takes 65 minutes.</summary>
    private static Func<ManualTimeProvider, DateTimeOffset, object> LongFirstRun()
    {
        var runs = 0;
        return (time, at) =>
        {
            if (runs++ == 0)
                time.Advance(TimeSpan.FromMinutes(65));
            return RingAt(at);
        };
    }

    private static Ring RingAt(DateTimeOffset at) => new($"{at:HH:mm}");
}
