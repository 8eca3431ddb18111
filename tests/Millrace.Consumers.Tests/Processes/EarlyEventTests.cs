using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>Tests of events that arrive before the event that starts their instance.</summary>
public sealed class EarlyEventTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Theory]
    [StoreKinds]
    public async Task An_instance_has_the_same_result_for_every_order_of_its_events(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        object[] usual = [new Agreed("t", 4), new Judged("t", IsGood: true), new Arrived("t")];
        (string, string)? expected = null;
        foreach (var order in Permutations([0, 1, 2]))
        {
            var trade = string.Concat(order);
            foreach (var index in order)
            {
                // A different node receives each event.
                await using var before = await TradeNode.Start(Waiting, shared.Open());
                await before.Append(ForTrade(usual[index], trade));
                await Eventually.Get(
                    before.Consumers,
                    "process-trade",
                    static status => status is { IsHere: true, LagEvents: 0 },
                    TestNode.WaitTimeout);
            }
            await using var node = await TradeNode.Start(Waiting, shared.Open());
            await node.WaitFor(ProcessState.Completed, trade);

            var outcome = (
                string.Join(" ", await node.Effects(trade)),
                (await node.Processes.Find("trade", trade))!.State.ToString());
            expected ??= outcome;
            Assert.Equal(expected, outcome);
            Assert.Empty(await node.DeadLetters.List(new DeadLetterQuery()));
            Assert.Equal(0, await node.Processes.Count("trade", ProcessState.NotStarted));
        }
        Assert.Equal(("reserve pack ship", "Completed"), expected);
    }

    [Theory]
    [StoreKinds]
    public async Task Early_events_survive_their_node_and_are_received_in_order_when_the_instance_starts(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var node = await TradeNode.Start(Waiting, shared.Open()))
        {
            await node.Append(new Arrived("t"));
            await node.WaitFor(ProcessState.NotStarted);
        }
        await using (var node = await TradeNode.Start(Waiting, shared.Open()))
        {
            await node.Append(new Judged("t", IsGood: true));
            await Eventually.Get(() => node.Story(), static story => story.Count == 2, TestNode.WaitTimeout);
            var page = await node.Processes.List(
                new ProcessQuery { Process = "trade", State = ProcessState.NotStarted });
            var listed = Assert.Single(page.Instances);
            Assert.Contains("2 events came before", listed.Reason, StringComparison.Ordinal);
        }
        await using var last = await TradeNode.Start(Waiting, shared.Open());
        await last.Append(new Agreed("t", 4));
        await last.WaitFor(ProcessState.Completed);

        Assert.Equal(["kept", "kept", "started", "step-begun reserve"], (await last.Story()).Take(4));
        Assert.Equal(["reserve", "pack", "ship"], await last.Effects());
        var early = (await last.Processes.History("trade", "t")).Where(static entry => entry.Kind == "received-early");
        Assert.Equal([1L, 3L], early.Select(static entry => entry.Position ?? 0));
        Assert.Equal(0, await last.Processes.Count("trade", ProcessState.NotStarted));
    }

    [Theory]
    [InlineData(UnexpectedEvents.Ignore)]
    [InlineData(UnexpectedEvents.Refuse)]
    public async Task Early_events_are_dropped_after_their_time_and_the_instance_starts(UnexpectedEvents rule)
    {
        var log = new RecordedLog();
        await using var node = await TradeNode.Start(
            process => Waiting(process, TimeSpan.FromMilliseconds(100)).OnUnexpected(rule),
            log: log);
        await node.Append(new Arrived("t"));
        await Eventually.Get(
            async () => await node.Story(), static story => story.Contains("expired"), TestNode.WaitTimeout);
        Assert.Null(await node.Processes.Find("trade", "t"));
        Assert.Equal(0, await node.Processes.Count("trade", ProcessState.NotStarted));

        await node.Append(new Agreed("t", 4));
        await node.Append(new Judged("t", IsGood: true));
        await node.WaitUntilIn("await-arrived");

        var letters = await node.DeadLetters.List(new DeadLetterQuery());
        Assert.Equal(rule == UnexpectedEvents.Refuse ? 1 : 0, letters.Count);
        await Eventually.Until(() => log.Entries.Any(static entry => entry.Id == 6103), TestNode.WaitTimeout);
        if (letters is [{ } letter])
            await node.DeadLetters.Retry(letter.Id, new DeadLetterNote("ada", "the instance has started"));
        else
            await node.Append(new Arrived("t"));
        await node.WaitFor(ProcessState.Completed);
        Assert.Equal(["reserve", "pack", "ship"], await node.Effects());
    }

    [Theory]
    [StoreKinds]
    public async Task Early_events_that_are_not_awaited_are_refused_when_the_instance_starts(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await TradeNode.Start(
            static process => process.WaitForStart(Long).OnUnexpected(UnexpectedEvents.Refuse)
                .StartOn<Agreed>(static agreed => agreed.Trade)
                .Await<Judged>(static judged => judged.Trade)
                .Step("pack", static id => new DoWork(id, "pack")),
            shared.Open());
        await node.Append(new Judged("t", IsGood: true));
        await node.Append(new Judged("t", IsGood: false));
        await Eventually.Get(() => node.Story(), static story => story.Count == 2, TestNode.WaitTimeout);
        await node.Append(new Agreed("t", 4));
        await node.WaitFor(ProcessState.Completed);

        Assert.Equal(["pack"], await node.Effects());
        var letter = Assert.Single(await node.DeadLetters.List(new DeadLetterQuery { Consumer = "process-trade" }));
        Assert.Equal((DeadLetterState.Parked, "trade.judged"), (letter.State, letter.EventType));
        Assert.True(letter.Position > 1, "The first event must be received.");
        Assert.Contains("is not awaited, or came before", letter.Message, StringComparison.Ordinal);
        Assert.Null((await node.Processes.Find("trade", "t"))!.Reason);

        await node.DeadLetters.Retry(letter.Id, new DeadLetterNote("ada", "once more"));
        var again = await Eventually.Get(
            async () =>
                (await node.DeadLetters.List(new DeadLetterQuery { Consumer = "process-trade" })).SingleOrDefault(),
            found => found is { State: DeadLetterState.Parked } && found.Attempts > letter.Attempts,
            TestNode.WaitTimeout);
        Assert.Contains("comes too late", again!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_event_does_not_prevent_the_start_of_its_instance()
    {
        await using var node = await TradeNode.Start(static process =>
            NotWaiting(process).OnUnexpected(UnexpectedEvents.Refuse));
        await node.Append(new Judged("t", IsGood: true));
        await node.Append(new Arrived("t"));
        await node.Append(new Agreed("t", 4));

        await node.WaitUntilIn("await-judged");
        var letters = await Eventually.Get(
            async () => await node.DeadLetters.List(new DeadLetterQuery()),
            static all => all.Count == 2,
            TestNode.WaitTimeout);
        Assert.Contains(letters, static found => found.State == DeadLetterState.Parked);
        await node.DeadLetters.Replay(
            new DeadLetterQuery { Consumer = "process-trade" },
            DeadLetterAction.Retry,
            new DeadLetterNote("ada", "it has started"));

        await node.WaitFor(ProcessState.Completed);
        Assert.Equal(["reserve", "pack", "ship"], await node.Effects());
    }

    [Fact]
    public async Task An_event_that_is_dropped_is_logged_with_its_instance()
    {
        var log = new RecordedLog();
        await using var node = await TradeNode.Start(static process => NotWaiting(process), log: log);
        for (var i = 0; i < 20; i++)
            await node.Append(new Arrived("t"));
        await node.Append(new Agreed("t", 4));
        await node.WaitUntilIn("await-judged");

        var logged = Assert.Single(log.Entries, static entry => entry.Id == 6103);
        Assert.Contains("1 events came before their instances started", logged.Text, StringComparison.Ordinal);
        Assert.Contains("'trade.arrived' for t", logged.Text, StringComparison.Ordinal);
        await Eventually.Get(
            async () => await node.Processes.CountEarlyEvents("trade"),
            static count => count > 0,
            TestNode.WaitTimeout);
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Early_events_are_limited_per_instance_and_in_total()
    {
        await using var harness = await ProcessTestHarness.Start(process =>
            NotWaiting(process.WaitForStart(Long, maxEvents: 2, maxInstances: 3)));
        for (var i = 0; i < 5; i++)
            await harness.Take(new Arrived("t"));
        for (var i = 0; i < 5; i++)
            await harness.Take(new Arrived($"other-{i}"));

        Assert.Equal(["kept", "kept"], await harness.Story());
        Assert.Equal(3, await harness.Processes.Count("trade", ProcessState.NotStarted));
        await harness.Take(new Agreed("other-0", 1));
        await harness.Take(new Arrived("other-4"));
        Assert.Equal(3, await harness.Processes.Count("trade", ProcessState.NotStarted));
    }

    [Fact]
    public async Task Each_early_event_is_stored_for_its_own_time_and_dropped_once()
    {
        await using var harness = await ProcessTestHarness.Start(process => NotWaiting(process.WaitForStart(Long)));
        await harness.Take(new Arrived("t"), times: 3);
        harness.Time.Advance(Long / 2);
        await harness.Take(new Judged("t", IsGood: true));
        Assert.Equal(["kept", "kept"], await harness.Story());

        harness.Time.Advance(Long / 2);
        await harness.Work();
        Assert.Equal(["kept", "kept", "expired"], await harness.Story());
        Assert.Equal(harness.Time.GetUtcNow() + (Long / 2), (await harness.Find()).Due);
        await harness.Take(new Agreed("t", 1));

        Assert.Equal(["kept", "kept", "expired", "started"], (await harness.Story()).Take(4));
        Assert.Contains("received-early", await harness.Story());
    }

    /// <summary>Simulates a crash between the start of the instance and the checkpoint of the consumer.</summary>
    [Fact]
    public async Task An_event_that_was_refused_at_the_start_and_is_read_again_stays_one_dead_letter()
    {
        await using var harness = await ProcessTestHarness.Start(static process => process
            .WaitForStart(Long).OnUnexpected(UnexpectedEvents.Refuse)
            .StartOn<Agreed>(static agreed => agreed.Trade)
            .Await<Judged>(static judged => judged.Trade)
            .Step("pack", static id => new DoWork(id, "pack")));
        await harness.Take(new Judged("t", IsGood: true));
        await harness.Take(new Judged("t", IsGood: false));
        await harness.Take(new Agreed("t", 1));
        var refused = Assert.Single(await harness.ListDeadLetters());

        await harness.TakeAgain(refused.Position);

        Assert.Equal([refused], await harness.ListDeadLetters());
    }

    private static void Waiting(ProcessBuilder<string> process) => Waiting(process, Long);

    private static ProcessBuilder<string> Waiting(ProcessBuilder<string> process, TimeSpan within) =>
        NotWaiting(process).WaitForStart(within);

    private static ProcessBuilder<string> NotWaiting(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(static agreed => agreed.Trade)
        .Step("reserve", static id => new DoWork(id, "reserve"), static id => new DoWork(id, "release"))
        .Await<Judged>(static judged => judged.Trade)
        .Step("pack", static id => new DoWork(id, "pack"))
        .Await<Arrived>(static arrived => arrived.Trade)
        .Step("ship", static id => new DoWork(id, "ship"));

    private static object ForTrade(object data, string trade) => data switch
    {
        Agreed agreed => agreed with { Trade = trade },
        Judged judged => judged with { Trade = trade },
        _ => new Arrived(trade),
    };

    private static IEnumerable<int[]> Permutations(int[] all) =>
        all.Length == 1
            ? [all]
            : all.SelectMany(first =>
                Permutations([.. all.Where(index => index != first)]).Select(rest => (int[])[first, .. rest]));
}
