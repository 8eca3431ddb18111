using Millrace.Storage.InMemory;

namespace Millrace.Tests.Processes;

/// <summary>
/// Tests of open instances when a build with another definition is deployed. Also tests the report that is created
/// before the deployment.
/// </summary>
public sealed class ProcessVersionTests
{
    [Fact]
    public async Task An_open_instance_keeps_its_definition_and_a_new_one_uses_the_newest()
    {
        var storage = new InMemoryStorage();
        await Begin(storage, "old");
        await using var next = await ProcessTestHarness.Start(
            storage, FirstDefinition(), SecondDefinition(process => process));

        await next.Take(new Agreed("new", 4));
        await next.Work("new");
        foreach (var trade in (string[])["old", "new"])
        {
            await next.Take(new Judged(trade, IsGood: true));
            await next.Work(trade);
        }

        Assert.Equal((1, 2), ((await next.Find("old")).Version, (await next.Find("new")).Version));
        Assert.Equal(["reserve", "pay", "ship"], await next.Effects("old"));
        Assert.Equal(["reserve", "charge", "wrap", "ship"], await next.Effects("new"));
        Assert.Empty((await next.Processes.Check([FirstDefinition(), SecondDefinition(process => process)])).Stuck);
    }

    [Fact]
    public async Task A_definition_that_continues_another_takes_over_its_instances_and_compensates_by_the_new_names()
    {
        var storage = new InMemoryStorage();
        await Begin(storage, "t");
        var successor = SecondDefinition(process => process.Continues(1, ("pay", "charge")));
        await using var next = await ProcessTestHarness.Start(storage, successor);
        var check = await next.Processes.Check([successor]);
        next.Trade.Failures["wrap"] = -1;

        await next.Take(new Judged("t", IsGood: true));
        await next.Work();

        Assert.Equal((1, 0), (check.Open, check.Stuck.Count));
        Assert.Equal(2, (await next.Find()).Version);
        Assert.Contains("migrated", await next.Story());
        Assert.Contains("compensation-done charge", await next.Story());
        Assert.Equal(["reserve", "pay", "give back", "release"], await next.Effects());
    }

    [Fact]
    public async Task An_instance_that_no_definition_continues_is_reported_before_it_is_held()
    {
        var storage = new InMemoryStorage();
        await Begin(storage, "t");
        var unrelated = SecondDefinition(process => process);
        var withoutNames = SecondDefinition(process => process.Continues(1));
        await using var next = await ProcessTestHarness.Start(storage, unrelated);

        var stuck = Assert.Single((await next.Processes.Check([unrelated])).Stuck);
        var unnamed = Assert.Single((await next.Processes.Check([withoutNames])).Stuck);
        var gone = Assert.Single((await next.Processes.Check([])).Stuck);
        await next.Take(new Judged("t", IsGood: true));
        await next.Processes.Cancel("trade", "t", "ada");
        await next.Work();

        Assert.Contains("received-early", await next.Story());
        Assert.Equal(("trade", "t", 1), (stuck.Process, stuck.Id, stuck.Version));
        Assert.Contains("none continues it", stuck.Problem, StringComparison.Ordinal);
        Assert.Contains("'pay'", unnamed.Problem, StringComparison.Ordinal);
        Assert.Contains("no process of that name", gone.Problem, StringComparison.Ordinal);
        var held = await next.Find();
        Assert.Equal((ProcessState.Held, stuck.Problem), (held.State, held.Reason));
    }

    [Fact]
    public async Task A_cancelled_instance_that_no_build_could_continue_is_undone_by_the_first_build_that_can()
    {
        var storage = new InMemoryStorage();
        await using var first = await ProcessTestHarness.Start(storage, FirstDefinition());
        await first.Take(new Agreed("t", 4));
        await first.WorkUntil("pay");
        await using (var unrelated = await ProcessTestHarness.Start(storage, SecondDefinition(process => process)))
        {
            await unrelated.Work();
            Assert.Equal(ProcessState.Held, (await unrelated.Find()).State);
            await unrelated.Processes.Cancel("trade", "t", "ada", "nobody wants it");
            await unrelated.Work();
            Assert.Equal(ProcessState.Held, (await unrelated.Find()).State);
        }

        await first.Processes.Resume("trade", "t", "ada", "the build is back");
        await first.Work();

        Assert.DoesNotContain("ignored", await first.Story());
        Assert.Equal(["reserve", "refund", "release"], await first.Effects()); // The step "pay" had started.
        var undone = await first.Find();
        Assert.Equal((ProcessState.Compensated, "nobody wants it"), (undone.State, undone.Reason));
    }

    [Fact]
    public async Task A_resume_right_after_a_cancellation_reverts_it()
    {
        var storage = new InMemoryStorage();
        await using var first = await ProcessTestHarness.Start(storage, FirstDefinition());
        await first.Take(new Agreed("t", 4));
        await first.WorkUntil("pay");
        await using var unrelated = await ProcessTestHarness.Start(storage, SecondDefinition(process => process));
        await unrelated.Work();

        await unrelated.Processes.Cancel("trade", "t", "ada");
        await unrelated.Processes.Resume("trade", "t", "ada");
        await first.Work();

        Assert.Equal(["reserve", "pay"], await first.Effects());
    }

    [Fact]
    public async Task Step_names_are_changed_or_swapped_simultaneously()
    {
        foreach (var (pay, charge) in (ValueTuple<string, string>[])
                [("charge", "settle"), ("charge", "pay"), ("bill", "charge")])
        {
            var storage = new InMemoryStorage();
            await using var before = await ProcessTestHarness.Start(
                storage, WithTwoPayments("pay", "charge", 1, process => process));
            await before.Take(new Agreed("t", 4));
            await before.WorkUntil("charge");
            await using var next = await ProcessTestHarness.Start(
                storage,
                WithTwoPayments(pay, charge, 2, process => process.Continues(1, ("pay", pay), ("charge", charge))));
            next.Trade.Failures[charge] = -1;

            await next.Work();

            Assert.Equal(["reserve", "pay", "undo " + pay, "release"], await next.Effects());
            Assert.Equal(ProcessState.Compensated, (await next.Find()).State);
        }
    }

    [Fact]
    public async Task Two_steps_with_the_same_new_name_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(
            () => WithTwoPayments(
                "both", "other", 2, process => process.Continues(1, ("pay", "both"), ("charge", "both"))).Plan);
        Assert.Throws<ArgumentException>(
            () => WithTwoPayments(
                "one", "other", 2, process => process.Continues(1, ("pay", "one"), ("pay", "other"))).Plan);
        var storage = new InMemoryStorage();
        await using var before = await ProcessTestHarness.Start(
            storage, WithTwoPayments("pay", "charge", 1, process => process));
        await before.Take(new Agreed("t", 4));
        await before.WorkUntil("charge");
        var successor = WithTwoPayments("charge", "other", 2, process => process.Continues(1, ("pay", "charge")));
        await using var next = await ProcessTestHarness.Start(storage, successor);
        var stuck = Assert.Single((await next.Processes.Check([successor])).Stuck);
        await next.Work();

        Assert.Contains("'both'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'charge'", stuck.Problem, StringComparison.Ordinal);
        Assert.Equal((ProcessState.Held, stuck.Problem), ((await next.Find()).State, (await next.Find()).Reason));
    }

    [Fact]
    public async Task An_event_starts_instances_by_the_newest_definition_and_reaches_instances_by_their_own()
    {
        var storage = new InMemoryStorage();
        var older = WithIdForm("{0}", 1);
        await using var before = await ProcessTestHarness.Start(storage, older);
        await before.Take(new Agreed("a", 4));
        await before.Work("a");
        await using var next = await ProcessTestHarness.Start(storage, older, WithIdForm("new-{0}", 2));

        await next.Take(new Agreed("b", 4));
        await next.Work("new-b");
        await next.Take(new Judged("a", IsGood: true));
        await next.Take(new Judged("b", IsGood: true));
        await next.Work("a");
        await next.Work("new-b");

        Assert.Equal(
            ["a", "new-b"],
            (await next.Processes.List(new ProcessQuery { Process = "trade" }))
                .Instances.Select(instance => instance.Id)
                .Order());
        Assert.Equal(ProcessState.Completed, (await next.Find("a")).State);
        Assert.Equal(ProcessState.Completed, (await next.Find("new-b")).State);
    }

    [Fact]
    public async Task An_instance_does_not_receive_events_that_another_definition_routes_to_it()
    {
        await using var harness = await ProcessTestHarness.Start(
            new InMemoryStorage(), WithIdForm("new-{0}", 1), WithIdForm("{0}", 2));
        await harness.Take(new Agreed("new-b", 4)); // The older definition gives b the same id.
        await harness.Work("new-b");

        await harness.Take(new Judged("b", IsGood: true));

        Assert.Equal(["await-judged"], (await harness.Find("new-b")).Steps);
        Assert.DoesNotContain("ignored", await harness.Story("new-b"));
    }

    /// <summary>
    /// By the older definition, an instance waits for the event. By the newest definition, the event belongs to an
    /// instance that never started.
    /// </summary>
    [Fact]
    public async Task An_event_for_an_older_instance_is_not_refused_as_unknown_to_the_newest_definition()
    {
        var storage = new InMemoryStorage();
        var older = WithIdForm("{0}", 1, UnexpectedEvents.Refuse);
        await using var before = await ProcessTestHarness.Start(storage, older);
        await before.Take(new Agreed("a", 4));
        await before.Work("a");
        await using var next = await ProcessTestHarness.Start(
            storage, older, WithIdForm("new-{0}", 2, UnexpectedEvents.Refuse));

        await next.Take(new Judged("a", IsGood: true), times: 2);
        await next.Work("a");
        var late = await Assert.ThrowsAsync<ProcessRefusedException>(() => next.Take(new Judged("a", IsGood: false)));

        Assert.Equal(ProcessState.Completed, (await next.Find("a")).State);
        Assert.Contains("comes too late", late.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProcessRefusedException>(() => next.Take(new Judged("nobody", IsGood: true)));
    }

    /// <summary>
    /// By the older definition, the event is too late for an instance. By the newest definition, an instance waits for
    /// it.
    /// </summary>
    [Fact]
    public async Task An_event_that_is_too_late_for_an_older_instance_reaches_the_waiting_instance()
    {
        var storage = new InMemoryStorage();
        var older = WithIdForm("{0}", 1, UnexpectedEvents.Refuse);
        await using var before = await ProcessTestHarness.Start(storage, older);
        await before.Take(new Agreed("b", 4));
        await before.Work("b");
        await before.Take(new Judged("b", IsGood: true));
        await before.Work("b");
        await using var next = await ProcessTestHarness.Start(
            storage, older, WithIdForm("new-{0}", 2, UnexpectedEvents.Refuse));
        await next.Take(new Agreed("b", 4)); // The second event starts an instance by the newest definition.
        await next.Work("new-b");

        await next.Take(new Judged("b", IsGood: true));
        await next.Work("new-b");

        Assert.Equal(ProcessState.Completed, (await next.Find("new-b")).State);
    }

    /// <summary>
    /// An event that one definition skips is not refused by another definition, because its instance is known.
    /// </summary>
    [Fact]
    public async Task An_event_that_an_older_definition_skips_is_not_refused_as_unknown_to_the_newest()
    {
        var storage = new InMemoryStorage();
        var older = WithIdForm("{0}", 1);
        await using var before = await ProcessTestHarness.Start(storage, older);
        await before.Take(new Agreed("a", 4));
        await before.Work("a");
        await using var next = await ProcessTestHarness.Start(
            storage, older, WithIdForm("new-{0}", 2, UnexpectedEvents.Refuse));

        await next.Take(new Judged("a", IsGood: true));
        await next.Work("a");
        await next.Take(new Judged("a", IsGood: false));

        Assert.Equal(ProcessState.Completed, (await next.Find("a")).State);
    }

    [Fact]
    public void A_definition_is_drawn_with_its_compensations_waits_and_branches()
    {
        var diagram = TradeProcess
            .Create(process =>
                process
                    .StartOn<Agreed>(agreed => agreed.Trade)
                    .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                    .Parallel(
                        "together",
                        group =>
                            group.Step("pay", id => new DoWork(id, "pay")).Step("print", id => new DoWork(id, "print")))
                    .Await<Judged>(judged => judged.Trade, TimeSpan.FromHours(6))
                    .PointOfNoReturn()
                    .When<Judged>(
                        "is-good", judged => judged.IsGood, then => then.Step("ship", id => new DoWork(id, "ship"))))
            .WriteDiagram();

        Assert.Equal(
            """
            stateDiagram-v2
                s_reserve : reserve (can be undone)
                [*] --> s_reserve
                s_together : together, all of pay, print
                s_reserve --> s_together
                s_await_judged : await-judged, Judged within 06:00:00
                s_together --> s_await_judged
                s_point_of_no_return : point-of-no-return (only forward from here)
                s_await_judged --> s_point_of_no_return
                s_is_good : is-good
                s_point_of_no_return --> s_is_good
                s_is_good_then : then
                s_is_good --> s_is_good_then
                s_ship : ship
                s_is_good_then --> s_ship
                s_is_good_otherwise : otherwise
                s_is_good --> s_is_good_otherwise
                s_ship --> [*]
                s_is_good_otherwise --> [*]

            """.ReplaceLineEndings("\n"),
            diagram);
    }

    /// <summary>Starts a trade with the first definition. The trade then waits for the judge.</summary>
    private static async Task Begin(InMemoryStorage storage, string trade)
    {
        await using var before = await ProcessTestHarness.Start(storage, FirstDefinition());
        await before.Take(new Agreed(trade, 4));
        await before.Work(trade);
        Assert.Equal(["await-judged"], (await before.Find(trade)).Steps);
    }

    private static ProcessDefinition<string> FirstDefinition() => TradeProcess.Create(process => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
        .Step("pay", id => new DoWork(id, "pay"), id => new DoWork(id, "refund"))
        .Await<Judged>(judged => judged.Trade)
        .Step("ship", id => new DoWork(id, "ship")));

    /// <summary>Returns a definition whose instances have ids of a given form.</summary>
    private static ProcessDefinition<string> WithIdForm(
        string form, int version, UnexpectedEvents unexpected = UnexpectedEvents.Ignore)
    {
        return TradeProcess.Create(
            process => process
                .StartOn<Agreed>(agreed => IdOf(agreed.Trade))
                .Await<Judged>(judged => IdOf(judged.Trade))
                .OnUnexpected(unexpected),
            version);

        string IdOf(string trade) => string.Format(System.Globalization.CultureInfo.InvariantCulture, form, trade);
    }

    /// <summary>Returns a definition with two payment steps, with the given names.</summary>
    private static ProcessDefinition<string> WithTwoPayments(
        string first,
        string second,
        int version,
        Func<ProcessBuilder<string>, ProcessBuilder<string>> extend) =>
        TradeProcess.Create(
            process =>
                extend(
                    process
                        .StartOn<Agreed>(agreed => agreed.Trade)
                        .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                        .Step(first, id => new DoWork(id, first), id => new DoWork(id, "undo " + first))
                        .Step(second, id => new DoWork(id, second))),
            version);

    private static ProcessDefinition<string> SecondDefinition(
        Func<ProcessBuilder<string>, ProcessBuilder<string>> extend) =>
        TradeProcess.Create(
            process =>
                extend(
                    process
                        .StartOn<Agreed>(agreed => agreed.Trade)
                        .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                        .Step("charge", id => new DoWork(id, "charge"), id => new DoWork(id, "give back"))
                        .Await<Judged>(judged => judged.Trade)
                        .Step("wrap", id => new DoWork(id, "wrap"))
                        .Step("ship", id => new DoWork(id, "ship"))),
            version: 2);
}
