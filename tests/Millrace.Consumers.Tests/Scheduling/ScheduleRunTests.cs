using System.Text.Json;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Which times are run, and which are passed over, when runs fail, last long, or are asked for.</summary>
public sealed class ScheduleRunTests
{
    [Fact]
    public async Task Missed_times_behind_one_that_failed_are_still_run()
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
    public async Task What_is_tried_again_late_is_not_passed_over()
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
    public async Task A_run_that_a_person_asked_for_is_not_passed_over_and_the_next_one_may_be()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));

        await bench.Decide(all => all.Run("bell", "ada"));
        bench.Time.Advance(TimeSpan.FromMinutes(5)); // Nobody is there.
        await bench.Work();
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Work();

        Assert.Equal(["07:59"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_time_within_a_run_is_made_up_for_though_missed_times_are_not()
    {
        await using var bench = await ScheduleTestHarness.Start(MissedRuns.Skip, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleTestHarness.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(90)); // So long it runs.
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
    public async Task Each_time_that_came_due_within_a_run_is_run_once_behind_it(MissedRuns missed)
    {
        await using var bench = await ScheduleTestHarness.Start(missed, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleTestHarness.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(210)); // So long it runs.
            if (at == ScheduleTestHarness.At("09:00"))
                time.Advance(TimeSpan.FromMinutes(40)); // So does another behind it.
            return Named(at);
        });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        Assert.Equal(["08:00", "09:00", "10:00", "11:00", "12:00"], await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("13:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_run_that_waits_for_another_is_cancelled_alone_and_a_pause_takes_all_back()
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
    public async Task A_paused_schedule_is_left_without_a_time_when_one_is_passed_over()
    {
        await using var bench = await ScheduleTestHarness.Start(
            MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));

        // As an earlier build left it that was asked to run.
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
    [InlineData(MissedRuns.Once, OverlappingRuns.Skip, "09:30")] // One run stands for all that is due.
    [InlineData(MissedRuns.Skip, OverlappingRuns.Queue, "09:30", "09:00")] // At 08:00 nobody was there.
    public async Task Each_time_that_waits_is_run_behind_a_run_that_a_person_asked_for(
        MissedRuns missed, OverlappingRuns overlapping, params string[] rings)
    {
        await using var bench = await ScheduleTestHarness.Start(missed, overlapping, (_, at) => Named(at));
        if (overlapping == OverlappingRuns.Queue)
            await bench.Change(record => record with { Queued = [ScheduleTestHarness.At("09:00")] });
        bench.Time.Advance(TimeSpan.FromMinutes(91)); // Since 08:00 nobody was there.

        await bench.Decide(all => all.Run("bell", "ada"));
        await bench.Work();

        Assert.Equal(rings, await bench.Rings());
        Assert.Equal(ScheduleTestHarness.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(1, "10:00")]
    [InlineData(181, "13:00")] // Then nobody was there: these are missed, and wait for nothing.
    public async Task A_time_within_a_try_that_fails_is_run_behind_it(int pauseMinutes, string next)
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
    public async Task A_time_within_a_run_that_an_edit_overtook_is_run_behind_it(int failures)
    {
        await using var bench = await ScheduleTestHarness.Start(MissedRuns.Once, OverlappingRuns.Queue, LongFirstRun());
        bench.Bell.Failures = failures;
        bench.Bell.Meanwhile = () => bench.All.Edit("bell", new ScheduleEdit { Missed = MissedRuns.Skip });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        // The first was refused, and is the same as the one behind it.
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
    public async Task What_is_decided_where_its_zone_is_not_known_has_its_time_worked_out_where_it_is()
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

    /// <summary>Rings with the time; the first does so for 65 minutes.</summary>
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
