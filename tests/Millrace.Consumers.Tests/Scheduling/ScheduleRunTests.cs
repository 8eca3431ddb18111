namespace Millrace.Tests.Scheduling;

/// <summary>Which times are run, and which are passed over, when runs fail, last long, or are asked for.</summary>
public sealed class ScheduleRunTests
{
    [Fact]
    public async Task Missed_times_behind_one_that_failed_are_still_run()
    {
        await using var bench = await ScheduleBench.Start(
            MissedRuns.All, OverlappingRuns.Skip, (_, at) => at == ScheduleBench.At("08:00") ? new Refuse() : Named(at));

        bench.Time.Advance(TimeSpan.FromMinutes(150)); // 08:00, 09:00 and 10:00 are missed.
        await bench.Work();

        Assert.Equal(["09:00", "10:00"], await bench.Rings());
        Assert.Equal(ScheduleBench.At("11:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task What_is_tried_again_late_is_not_passed_over()
    {
        await using var bench = await ScheduleBench.Start(MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));
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
        await using var bench = await ScheduleBench.Start(MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));

        await bench.Decide(all => all.Run("bell", "ada"));
        bench.Time.Advance(TimeSpan.FromMinutes(5)); // Nobody is there.
        await bench.Work();
        bench.Time.Advance(TimeSpan.FromHours(1));
        await bench.Work();

        Assert.Equal(["07:59"], await bench.Rings());
        Assert.Equal(ScheduleBench.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_time_within_a_run_is_made_up_for_though_missed_times_are_not()
    {
        await using var bench = await ScheduleBench.Start(MissedRuns.Skip, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleBench.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(90)); // So long it runs.
            return Named(at);
        });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        Assert.Equal(["08:00", "09:00"], await bench.Rings());
        Assert.Equal(ScheduleBench.At("10:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Theory]
    [InlineData(MissedRuns.Once)]
    [InlineData(MissedRuns.Skip)]
    [InlineData(MissedRuns.All)]
    public async Task Each_time_that_came_due_within_a_run_is_run_once_behind_it(MissedRuns missed)
    {
        await using var bench = await ScheduleBench.Start(missed, OverlappingRuns.Queue, (time, at) =>
        {
            if (at == ScheduleBench.At("08:00"))
                time.Advance(TimeSpan.FromMinutes(210)); // So long it runs.
            if (at == ScheduleBench.At("09:00"))
                time.Advance(TimeSpan.FromMinutes(40)); // So does another behind it.
            return Named(at);
        });

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.Work();

        Assert.Equal(["08:00", "09:00", "10:00", "11:00", "12:00"], await bench.Rings());
        Assert.Equal(ScheduleBench.At("13:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_run_that_waits_for_another_is_cancelled_alone_and_a_pause_takes_all_back()
    {
        await using var bench = await ScheduleBench.Start(MissedRuns.Once, OverlappingRuns.Queue, (_, at) => Named(at));
        await bench.Change(record => record with
        {
            Due = ScheduleBench.At("08:00"),
            Time = ScheduleBench.At("08:00"),
            MustRun = true,
            Queued = [ScheduleBench.At("09:00"), ScheduleBench.At("10:00")],
        });

        var next = await bench.All.Cancel("bell", "ada");
        await bench.All.Pause("bell", "ada");
        bench.Time.Advance(TimeSpan.FromHours(3));
        await bench.Decide(all => all.Resume("bell", "ada"));
        await bench.Work();

        Assert.Equal(ScheduleBench.At("09:00"), next.Next);
        Assert.Empty(await bench.Rings());
        Assert.Equal(ScheduleBench.At("11:00"), (await bench.All.Find("bell"))!.Next);
    }

    [Fact]
    public async Task A_paused_schedule_is_left_without_a_time_when_one_is_passed_over()
    {
        await using var bench = await ScheduleBench.Start(MissedRuns.Skip, OverlappingRuns.Skip, (_, at) => Named(at));

        await bench.Change(record => record with { IsPaused = true }); // As an earlier build left it that was asked to run.
        bench.Time.Advance(TimeSpan.FromMinutes(5));
        await bench.Work();

        Assert.Empty(await bench.Rings());
        var passed = await bench.All.Find("bell");
        Assert.Equal((true, null), (passed!.IsPaused, passed.Next));
    }

    private static Ring Named(DateTimeOffset at) => new($"{at:HH:mm}");
}
