namespace Millrace.Tests.Processes;

/// <summary>Tests that a command that cancels itself has failed, and does not stop the node.</summary>
public sealed class StepTimeOutTests
{
    [Fact]
    public async Task A_time_out_of_a_step_is_retried_and_finally_undoes_it()
    {
        await using var bench = await ProcessTestHarness.Start(process =>
            process
                .StartOn<Agreed>(agreed => agreed.Trade)
                .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                .Step("pay", id => new DoWork(id, "pay"), id => new DoWork(id, "refund"))
                .Retry(2, TimeSpan.FromMinutes(1)));
        bench.Trade.Errors["pay"] = new TaskCanceledException("The request has timed out.");
        await bench.Take(new Agreed("t", 4));

        await bench.Work();
        var waits = await bench.Find();
        bench.Time.Advance(TimeSpan.FromMinutes(2));
        await bench.Work();

        Assert.True(
            waits.Due > bench.Time.GetUtcNow() - TimeSpan.FromMinutes(2), "It is not tried again after a pause.");
        Assert.Equal(2, bench.Trade.Tries.Count(tried => tried.Name == "pay"));
        Assert.Equal(["reserve", "refund", "release"], await bench.Done());
        Assert.Equal(ProcessState.Compensated, (await bench.Find()).State);
    }

    [Fact]
    public async Task A_decision_that_times_out_holds_the_instance()
    {
        await using var bench = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .When<Agreed>(
                "good", _ => throw new OperationCanceledException("It takes too long."),
                then => then.Step("keep", id => new DoWork(id, "keep"))));
        await bench.Take(new Agreed("t", 4));

        await bench.Work();

        var held = await bench.Find();
        Assert.Equal(ProcessState.Held, held.State);
        Assert.Contains("takes too long", held.Reason, StringComparison.Ordinal);
    }
}
