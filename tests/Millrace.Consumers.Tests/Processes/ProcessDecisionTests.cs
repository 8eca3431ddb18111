namespace Millrace.Tests.Processes;

/// <summary>Tests of decisions about instances, with concurrent events.</summary>
public sealed class ProcessDecisionTests
{
    [Fact]
    public async Task A_cancellation_is_not_lost_when_an_event_comes_before_it_is_handled()
    {
        await using var bench = await ProcessTestHarness.Start(Delivery);
        await bench.Take(new Agreed("t", 4));
        await bench.Work();

        await bench.All.Cancel("trade", "t", "ada");
        await bench.Take(new Judged("t", IsGood: true));
        await bench.Work();

        Assert.Equal(["reserve", "pay", "print", "refund", "release"], await bench.Done());
        Assert.Equal(ProcessState.Compensated, (await bench.Find()).State);
    }

    [Fact]
    public async Task An_event_that_arrives_after_its_await_failed_is_received_when_the_instance_resumes()
    {
        await using var bench = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Await<Judged>(judged => judged.Trade, within: TimeSpan.FromHours(1), onTimeout: TimeoutRule.Hold)
            .Step("ship", id => new DoWork(id, "ship")));
        await bench.Take(new Agreed("t", 4));
        bench.Time.Advance(TimeSpan.FromHours(2));
        await bench.Work();
        Assert.Equal(ProcessState.Held, (await bench.Find()).State);

        await bench.Take(new Judged("t", IsGood: true));
        await bench.All.Resume("trade", "t", "ada");
        await bench.Work();

        Assert.Contains("received-early", await bench.Story());
        Assert.Equal(["ship"], await bench.Done());
        Assert.Equal(ProcessState.Completed, (await bench.Find()).State);
    }

    [Fact]
    public async Task The_effects_of_an_earlier_run_are_undone_when_the_next_run_stops_before_them()
    {
        await using var bench = await ProcessTestHarness.Start(Delivery);
        await bench.Take(new Agreed("t", 4));
        await bench.Work();

        bench.Trade.Failures["reserve"] = -1;
        await bench.All.ResumeFrom("trade", "t", "reserve", "ada");
        await bench.Work();

        Assert.Equal(["reserve", "pay", "print", "refund", "release"], await bench.Done());
    }

    [Fact]
    public async Task An_instance_that_is_moved_behind_the_point_of_no_return_has_passed_it()
    {
        await using var bench = await ProcessTestHarness.Start(Delivery);
        await bench.Take(new Agreed("t", 4));
        await bench.Work();

        bench.Trade.Failures["ship"] = -1;
        await bench.All.Move("trade", "t", "ship", "ada");
        await bench.Work();

        Assert.Equal(ProcessState.Held, (await bench.Find()).State);
        Assert.Equal(["reserve", "pay", "print"], await bench.Done());
        await Assert.ThrowsAsync<ProcessRefusedException>(() => bench.All.Cancel("trade", "t", "ada"));
    }

    [Fact]
    public async Task A_skipped_step_of_a_group_is_done_when_an_operator_returns_to_it()
    {
        await using var bench = await ProcessTestHarness.Start(Delivery);
        bench.Trade.Failures["reserve"] = 1;
        await bench.Take(new Agreed("t", 4));
        await bench.Work();
        await bench.All.Move("trade", "t", "await-judged", "ada");
        await bench.Work();

        await bench.All.ResumeFrom("trade", "t", "print", "ada");
        await bench.Work();

        Assert.Equal(["print"], await bench.Done());
        Assert.Equal(["await-judged"], (await bench.Find()).Steps);
    }

    [Fact]
    public async Task A_resumed_instance_repeats_undone_steps_and_not_steps_that_could_not_be_undone()
    {
        await using var bench = await ProcessTestHarness.Start(Delivery);
        bench.Trade.Failures["release"] = -1;
        await bench.Take(new Agreed("t", 4));
        await bench.Work();
        await bench.All.Cancel("trade", "t", "ada");
        await bench.Work();
        var held = await bench.Find();

        await bench.All.ResumeFrom("trade", "t", "print", "ada");
        await bench.Work();

        Assert.Equal(ProcessState.Held, held.State);
        Assert.Contains("'reserve'", held.Reason, StringComparison.Ordinal);
        Assert.Equal(["reserve", "pay", "print", "refund", "pay", "print"], await bench.Done());
        Assert.Equal(2, bench.Trade.Outside.Where(one => one.Name == "pay").Distinct().Count());
    }

    [Fact]
    public async Task A_repeated_step_has_another_id_and_earlier_steps_stay_done()
    {
        await using var bench = await ProcessTestHarness.Start(Delivery);
        await bench.Take(new Agreed("t", 4));
        await bench.Work();

        await bench.All.ResumeFrom("trade", "t", "pay", "ada", "the card was another's");
        await bench.Work();

        Assert.Equal(["reserve", "pay", "print", "pay", "print"], await bench.Done());
        Assert.Equal(2, bench.Trade.Outside.Where(one => one.Name == "pay").Distinct().Count());
        var told = (await bench.All.History("trade", "t")).Single(entry => entry.What == "resumed");
        Assert.Equal(("pay", "ada", "the card was another's"), (told.Step, told.By, told.Reason));
    }

    private static void Delivery(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
        .Parallel("together", group => group
            .Step("pay", id => new DoWork(id, "pay"), id => new DoWork(id, "refund"))
            .Step("print", id => new DoWork(id, "print")))
        .Await<Judged>(judged => judged.Trade)
        .PointOfNoReturn()
        .Step("ship", id => new DoWork(id, "ship"));
}
