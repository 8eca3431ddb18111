namespace Millrace.Tests.Processes;

/// <summary>Tests that a command that throws a cancellation exception has failed and does not stop the node.</summary>
public sealed class StepTimeoutTests
{
    [Fact]
    public async Task A_step_that_times_out_is_retried_and_finally_undone()
    {
        await using var harness = await ProcessTestHarness.Start(process =>
            process
                .StartOn<Agreed>(agreed => agreed.Trade)
                .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                .Step("pay", id => new DoWork(id, "pay"), id => new DoWork(id, "refund"))
                .Retry(2, TimeSpan.FromMinutes(1)));
        harness.Trade.Errors["pay"] = new TaskCanceledException("The request has timed out.");
        await harness.Take(new Agreed("t", 4));

        await harness.Work();
        var waiting = await harness.Find();
        harness.Time.Advance(TimeSpan.FromMinutes(2));
        await harness.Work();

        Assert.True(
            waiting.Due > harness.Time.GetUtcNow() - TimeSpan.FromMinutes(2),
            "The step must be retried after a pause.");
        Assert.Equal(2, harness.Trade.Tries.Count(tried => tried.Name == "pay"));
        Assert.Equal(["reserve", "refund", "release"], await harness.Effects());
        Assert.Equal(ProcessState.Compensated, (await harness.Find()).State);
    }

    [Fact]
    public async Task A_decision_that_times_out_holds_the_instance()
    {
        await using var harness = await ProcessTestHarness.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .When<Agreed>(
                "good", _ => throw new OperationCanceledException("It takes too long."),
                then => then.Step("keep", id => new DoWork(id, "keep"))));
        await harness.Take(new Agreed("t", 4));

        await harness.Work();

        var held = await harness.Find();
        Assert.Equal(ProcessState.Held, held.State);
        Assert.Contains("takes too long", held.Reason, StringComparison.Ordinal);
    }
}
