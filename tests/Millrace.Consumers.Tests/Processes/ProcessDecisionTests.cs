namespace Millrace.Tests.Processes;

/// <summary>Tests of operator decisions about instances, also with concurrent events.</summary>
public sealed class ProcessDecisionTests
{
    [Fact]
    public async Task A_cancellation_is_not_lost_when_an_event_arrives_before_the_cancellation_is_handled()
    {
        await using var harness = await ProcessTestHarness.Start(Delivery);
        await harness.Take(new Agreed("t", 4));
        await harness.Work();

        await harness.Processes.Cancel("trade", "t", "ada");
        await harness.Take(new Judged("t", IsGood: true));
        await harness.Work();

        Assert.Equal(["reserve", "pay", "print", "refund", "release"], await harness.Effects());
        Assert.Equal(ProcessState.Compensated, (await harness.Find()).State);
    }

    [Fact]
    public async Task An_event_that_arrives_after_its_await_failed_is_received_when_the_instance_resumes()
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Await<Judged>(judged => judged.Trade, within: TimeSpan.FromHours(1), onTimeout: TimeoutRule.Hold)
            .Step("ship", id => new DoWork(id, "ship")));
        await harness.Take(new Agreed("t", 4));
        harness.Time.Advance(TimeSpan.FromHours(2));
        await harness.Work();
        Assert.Equal(ProcessState.Held, (await harness.Find()).State);

        await harness.Take(new Judged("t", IsGood: true));
        await harness.Processes.Resume("trade", "t", "ada");
        await harness.Work();

        Assert.Contains("received-early", await harness.Story());
        Assert.Equal(["ship"], await harness.Effects());
        Assert.Equal(ProcessState.Completed, (await harness.Find()).State);
    }

    [Fact]
    public async Task The_effects_of_an_earlier_run_are_undone_when_the_next_run_stops_before_them()
    {
        await using var harness = await ProcessTestHarness.Start(Delivery);
        await harness.Take(new Agreed("t", 4));
        await harness.Work();

        harness.Trade.Failures["reserve"] = -1;
        await harness.Processes.ResumeFrom("trade", "t", "reserve", "ada");
        await harness.Work();

        Assert.Equal(["reserve", "pay", "print", "refund", "release"], await harness.Effects());
    }

    [Fact]
    public async Task An_instance_moved_past_the_point_of_no_return_has_passed_it()
    {
        await using var harness = await ProcessTestHarness.Start(Delivery);
        await harness.Take(new Agreed("t", 4));
        await harness.Work();

        harness.Trade.Failures["ship"] = -1;
        await harness.Processes.Move("trade", "t", "ship", "ada");
        await harness.Work();

        Assert.Equal(ProcessState.Held, (await harness.Find()).State);
        Assert.Equal(["reserve", "pay", "print"], await harness.Effects());
        await Assert.ThrowsAsync<ProcessRefusedException>(() => harness.Processes.Cancel("trade", "t", "ada"));
    }

    [Fact]
    public async Task A_skipped_step_of_a_group_is_done_when_an_operator_returns_to_it()
    {
        await using var harness = await ProcessTestHarness.Start(Delivery);
        harness.Trade.Failures["reserve"] = 1;
        await harness.Take(new Agreed("t", 4));
        await harness.Work();
        await harness.Processes.Move("trade", "t", "await-judged", "ada");
        await harness.Work();

        await harness.Processes.ResumeFrom("trade", "t", "print", "ada");
        await harness.Work();

        Assert.Equal(["print"], await harness.Effects());
        Assert.Equal(["await-judged"], (await harness.Find()).Steps);
    }

    [Fact]
    public async Task A_resumed_instance_repeats_undone_steps_and_not_steps_that_could_not_be_undone()
    {
        await using var harness = await ProcessTestHarness.Start(Delivery);
        harness.Trade.Failures["release"] = -1;
        await harness.Take(new Agreed("t", 4));
        await harness.Work();
        await harness.Processes.Cancel("trade", "t", "ada");
        await harness.Work();
        var held = await harness.Find();

        await harness.Processes.ResumeFrom("trade", "t", "print", "ada");
        await harness.Work();

        Assert.Equal(ProcessState.Held, held.State);
        Assert.Contains("'reserve'", held.Reason, StringComparison.Ordinal);
        Assert.Equal(["reserve", "pay", "print", "refund", "pay", "print"], await harness.Effects());
        Assert.Equal(2, harness.Trade.ExternalRequests.Where(request => request.Name == "pay").Distinct().Count());
    }

    [Fact]
    public async Task A_repeated_step_has_another_id_and_earlier_steps_stay_done()
    {
        await using var harness = await ProcessTestHarness.Start(Delivery);
        await harness.Take(new Agreed("t", 4));
        await harness.Work();

        await harness.Processes.ResumeFrom("trade", "t", "pay", "ada", "the card was another's");
        await harness.Work();

        Assert.Equal(["reserve", "pay", "print", "pay", "print"], await harness.Effects());
        Assert.Equal(2, harness.Trade.ExternalRequests.Where(request => request.Name == "pay").Distinct().Count());
        var resumed = (await harness.Processes.History("trade", "t")).Single(entry => entry.Kind == "resumed");
        Assert.Equal(("pay", "ada", "the card was another's"), (resumed.Step, resumed.By, resumed.Reason));
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
