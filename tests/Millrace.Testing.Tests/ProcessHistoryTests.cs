using Bakery;
using FsCheck.Fluent;
using Millrace.Testing.HistoryGeneration;

namespace Millrace.Testing.Tests;

public sealed class ProcessHistoryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_rules_of_a_correct_process_hold_in_every_history() =>
        Deliveries()
            .MayRefuse<ChargeForCake>()
            .MayFail<BakeCake>()
            .MayFail<RefundCake>()
            .Always(
                "thanked-only-for-what-was-charged",
                history => !history.Did<ThankForCake>() || history.Did<ChargeForCake>())
            .InTheEnd(
                "nobody-pays-for-nothing",
                history =>
                    !history.Is(ProcessState.Compensated)
                    || history.Count<ChargeForCake>() <= history.Count<RefundCake>())
            .Check(runs: 20, maxLength: 15);

    [Fact]
    public void A_broken_rule_is_reported_with_the_shortest_history()
    {
        var failure = Assert.Throws<SpecificationException>(() => Careless().Check(runs: 300, maxLength: 12));

        Assert.Matches("^After [0-9]+ steps?: 'never-given-away' does not hold\\.", failure.Message);
        Assert.Contains("CakeOrdered {", failure.Message, StringComparison.Ordinal);
        Assert.Contains("sends BakeCake {", failure.Message, StringComparison.Ordinal);
        Assert.Contains("sends GiveCakeAway {", failure.Message, StringComparison.Ordinal);
        Assert.Contains("ChargeForCake is refused from here on", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the node crashes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Whole)]
    public void A_seed_reproduces_the_same_history()
    {
        var failure = Assert.Throws<SpecificationException>(() => Careless().Check(runs: 300, maxLength: 12));
        var seed = failure.Message.Split("Check(seed: \"")[1].Split('"')[0];

        var repeated = Assert.Throws<SpecificationException>(() => Careless().Check(seed: seed, maxLength: 12));

        Assert.Equal(HistoryOf(failure), HistoryOf(repeated));
    }

    [Fact]
    public void A_rule_that_throws_is_broken()
    {
        var failure = Assert.Throws<SpecificationException>(() => Deliveries()
            .InTheEnd("throws", history => throw new InvalidOperationException("No cake is perfect."))
            .Check());

        Assert.Contains("'throws' does not hold: No cake is perfect.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_a_process_definition_is_reported()
    {
        var failure = Assert.Throws<SpecificationException>(() => Histories.OfProcess<Careless, string>("sponge")
            .Event(Gen.Constant(new CakeOrdered("sponge", 30)))
            .Check(runs: 300, maxLength: 12));

        Assert.Contains(
            "it threw InvalidOperationException: Nobody knows which cake", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_without_events_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => Histories.OfProcess<Delivery, string>("sponge").Check());

    [Fact]
    public void Violations_of_the_general_process_rules_are_found()
    {
        var started = History(ProcessState.Running, ["await-cake-fetched"], Entry(2, "step-done", "bake"));
        var twice = History(ProcessState.Running, [], Entry(2, "step-done", "bake"), Entry(4, "step-done", "bake"));
        var ended = History(ProcessState.Completed, []);
        var late = History(
            ProcessState.Compensating,
            [],
            Entry(2, "passed-no-return", null),
            Entry(3, "compensation-begun", "bake"));
        var half = History(ProcessState.Compensated, [], Entry(2, "step-done", "bake"));
        var stuck = History(ProcessState.Running, ["bake"]);
        var goesOn = new ProcessHistory(ended.Info, [(new BakeCake("sponge"), null)], []);
        var process = Specification.DefinitionOf<Delivery, string>();

        Assert.Null(ProcessRules.ProblemOf(started, started, isByOperator: false));
        Assert.Equal(
            "the step 'bake' was done more than once", ProcessRules.ProblemOf(started, twice, isByOperator: false));
        Assert.Equal(
            "it was Completed, and sends another command", ProcessRules.ProblemOf(ended, goesOn, isByOperator: false));
        Assert.Null(ProcessRules.ProblemOf(ended, goesOn, isByOperator: true));
        Assert.Equal(
            "'bake' is compensated after the point of no return",
            ProcessRules.ProblemOf(started, late, isByOperator: false));
        Assert.Equal("it is compensated, but 'bake' was not undone", ProcessRules.FindFinalProblem(half, process));
        Assert.StartsWith(
            "it is Running for ever", ProcessRules.FindFinalProblem(stuck, process), StringComparison.Ordinal);
        Assert.Null(ProcessRules.FindFinalProblem(started, process));
    }

    private static ProcessHistories<string> Deliveries() => Histories.OfProcess<Delivery, string>("sponge")
        .Event<CakeOrdered>(ordered => ordered with { Cake = "sponge" })
        .Event<CakeFetched>(fetched => fetched with { Cake = "sponge" });

    private static ProcessHistories<string> Careless() => Deliveries()
        .MayRefuse<ChargeForCake>()
        .Always("never-given-away", history => !history.Did<GiveCakeAway>() || history.Did<ChargeForCake>());

    private static string HistoryOf(SpecificationException failure) => failure.Message.Split("\nAgain")[0];

    private static ProcessHistory History(ProcessState state, string[] parts, params ProcessEntry[] entries) =>
        new(new ProcessInfo("delivery", "sponge", 1, state, parts, null, Noon, Noon, null), [], entries);

    private static ProcessEntry Entry(long version, string type, string? step) =>
        new(version, type, step, null, null, null, Noon);
}
