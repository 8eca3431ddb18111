using System.Text.Json;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests which times run, and which are skipped, when runs fail, last long, or are requested.</summary>
public sealed class ScheduleRunTests
{
    [Fact]
    public async Task Missed_times_after_a_failed_one_still_run()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.All,
            OverlappingRuns.Skip,
            (_, at) => at == ScheduleTestHarness.At("08:00") ? new Refuse() : Named(at));

        bench.Time.Advance(TimeSpan.FromMinutes(150)); // 08:00, 09:00 and 10:00 are missed.
        await bench.Work();

        Assert.Equal(["09:00", "10:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("11:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_late_retry_is_not_skipped()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));
        bench.Bell.Failures = 1;
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        bench.Time.Advance(TimeSpan.FromMinutes(5));
        await bench.Work();

        Assert.Equal(["08:00"], await bench.Rings());
    }

    [Fact]
    public async Task A_requested_run_is_not_skipped_and_the_next_one_may_be()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));

        await bench.Decide(all => all.Run("bell", "ada"));
        bench.Time.Advance(TimeSpan.FromMinutes(5)); // No node runs.
        await bench.Work();
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Work();

        Assert.Equal(["07:59"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_time_within_a_run_runs_afterwards_although_missed_times_do_not()
    {
        await using var bench = await ScheduleTestHarness.Start(MissedRuns.Skip, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleTestHarness.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(90)); // The duration of the run.
            return Named(at);
        });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        Assert.Equal(["08:00", "09:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(MissedRuns.Once)]
    [InlineData(MissedRuns.Skip)]
    [InlineData(MissedRuns.All)]
    public async Task Each_time_that_became_due_within_a_run_runs_once_after_it(MissedRuns missed)
    {
        await using var bench = await ScheduleTestHarness.Start(missed, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleTestHarness.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(210)); // The duration of the run.
            if (at == ScheduleTestHarness.At("09:00"))
                time.Advance(TimeSpan.FromMinutes(40)); // The next run lasts as long.
            return Named(at);
        });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        Assert.Equal(["08:00", "09:00", "10:00", "11:00", "12:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("13:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_waiting_run_is_cancelled_alone_and_a_pause_cancels_all()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Queue, (_, at) => Named(at));
        await bench.Change(record =>
            record with
            {
                Due = ScheduleTestHarness.At("08:00"),
                Time = ScheduleTestHarness.At("08:00"),
                MustRun = true,
                Queued = [ScheduleTestHarness.At("09:00"), ScheduleTestHarness.At("10:00")],
            }
        );

        var next = await bench.All.Cancel("bell", "ada");
        await bench.All.Pause("bell", "ada");
        bench.Time.Advance(TimeSpan.FromHours(3));
        await bench.Decide(all => all.Resume("bell", "ada"));
        await bench.Work();

        Assert.Equal(ScheduleTestHarness.At("09:00"), next.Next);
        Assert.Empty(await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("11:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_paused_schedule_has_no_next_time_after_a_skipped_one()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));

        // The state that an earlier version left after a requested run.
        await bench.Change(record => record with { IsPaused = true });
        bench.Time.Advance(TimeSpan.FromMinutes(5));
        await bench.Work();

        Assert.Empty(await bench.Rings());
        var passed = await bench.All.Find("bell");
        Assert.Equal((true, null), (passed!.IsPaused, passed.Next));
    }

    [Theory]
    [InlineData(MissedRuns.Once, OverlappingRuns.Queue, "09:30", "08:00", "09:00")]
    [InlineData(MissedRuns.All, OverlappingRuns.Skip, "09:30", "08:00", "09:00")]
    [InlineData(MissedRuns.Once, OverlappingRuns.Skip, "09:30")] // One run covers all due times.
    [InlineData(MissedRuns.Skip, OverlappingRuns.Queue, "09:30", "09:00")] // At 08:00 no node ran.
    public async Task Each_waiting_time_runs_after_a_requested_run(
        MissedRuns missed, OverlappingRuns overlapping, params string[] rings)
    {
        await using var bench = await ScheduleTestHarness.Start(missed, overlapping, (_, at) => Named(at));
        if (overlapping == OverlappingRuns.Queue)
            await bench.Change(record => record with { Queued = [ScheduleTestHarness.At("09:00")] });
        bench.Time.Advance(TimeSpan.FromMinutes(91)); // No node has run since 08:00.

        await bench.Decide(all => all.Run("bell", "ada"));
        await bench.Work();

        Assert.Equal(rings, await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(1, "10:00")]
    [InlineData(181, "13:00")] // Then no node ran: these times are missed, and do not wait.
    public async Task A_time_within_a_failed_attempt_runs_after_it(int pauseMinutes, string next)
    {
        await using var bench = await ScheduleTestHarness.Start(MissedRuns.Skip, OverlappingRuns.Queue, LongFirstRun());
        bench.Bell.Failures = 1;
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        bench.Time.Advance(TimeSpan.FromMinutes(pauseMinutes));
        await bench.Work();

        Assert.Equal(["08:00", "09:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At(next), (await bench.All.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)] // It failed as well.
    public async Task A_time_within_a_run_that_was_edited_meanwhile_runs_after_it(int failures)
    {
        await using var bench = await ScheduleTestHarness.Start(MissedRuns.Once, OverlappingRuns.Queue, LongFirstRun());
        bench.Bell.Failures = failures;
        bench.Bell.Meanwhile = () => bench.All.Edit("bell", new ScheduleEdit { Missed = MissedRuns.Skip });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        // The first was refused, and equals the one after it.
        Assert.Equal(2, bench.Bell.Tries.Distinct().Count());
        Assert.Equal(["08:00", "09:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task Runs_that_wait_for_another_stay_when_the_times_are_edited()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Queue, (_, at) => Named(at));
        await bench.Change(record => record with { MustRun = true, Queued = [ScheduleTestHarness.At("09:00")] });
        bench.Time.Advance(TimeSpan.FromMinutes(62));

        await bench.Decide(all => all.Edit("bell", new ScheduleEdit { Cron = "30 * * * *" }));
        await bench.Work();

        Assert.Equal(["08:00", "09:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("09:30"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task Another_command_for_the_same_time_has_another_id_and_the_user_who_edited_it()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => Named(at));
        bench.Bell.Failures = 3;
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();
        await Again(new ScheduleEdit { Missed = MissedRuns.Skip });
        await Again(
            new ScheduleEdit
            {
                Command = "ring",
                Body = JsonSerializer.SerializeToElement(new { name = "edited" }),
                By = "ada",
            }
        );
        await Again(new ScheduleEdit { Missed = MissedRuns.Once, By = "bob" });

        var tries = bench.Bell.Tries.ToArray();
        Assert.Equal(["edited"], await bench.Rings());
        Assert.Equal(["ada"], await bench.Users());
        Assert.Equal(tries[0], tries[1]); // The command is the same.
        Assert.NotEqual(tries[1], tries[2]);
        Assert.Equal(tries[2], tries[3]);

        async Task Again(ScheduleEdit edit)
        {
            await bench.Known.Edit("bell", edit);
            bench.Time.Advance(TimeSpan.FromMinutes(5));
            await bench.Work();
        }
    }

    [Fact]
    public async Task A_decision_on_a_node_without_the_time_zone_gets_its_time_on_a_node_with_it()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("Half", TimeSpan.FromMinutes(30), null, null);
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Once, OverlappingRuns.Skip, (_, at) => Named(at), zone);
        var first = (await bench.All.Find("bell"))!.Next;
        Assert.Empty((await bench.All.Find("bell"))!.NextTimes(ScheduleTestHarness.At("08:00"), 5));

        foreach (var (away, back) in ((Func<Schedules, Task>, Func<Schedules, Task>)[])[
            (all => all.Remove("bell"), all => all.Restore("bell")),
            (all => all.Remove("bell"), all => all.Reset("bell")),
            (all => all.Pause("bell"), all => all.Resume("bell"))])
        {
            await bench.Decide(away);
            Assert.Null((await bench.All.Find("bell"))!.Next);
            await back(bench.All);
            await bench.RunDue();
            Assert.Equal(ScheduleTestHarness.At("08:30"), (await bench.All.Find("bell"))!.Next);
        }

        Assert.Equal(ScheduleTestHarness.At("08:30"), first);
        Assert.Empty(await bench.Rings());
        await Assert.ThrowsAsync<InvalidValueException>(() => bench.All.Cancel("bell"));
    }

    /// <summary>Rings and advances the time; the first ring takes 65 minutes.</summary>
    private static Func<ManualTimeProvider, DateTimeOffset, object> LongFirstRun()
    {
        var runs = 0;
        return (time, at) =>
        {
            if (runs++ == 0)
                time.Advance(TimeSpan.FromMinutes(65));
            return Named(at);
        };
    }

    private static Ring Named(DateTimeOffset at) => new($"{at:HH:mm}");
}
