using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

public sealed class ProcessTests
{
    private static readonly TimeSpan ShortTime = TimeSpan.FromMilliseconds(5);

    [Theory]
    [StoreKinds]
    public async Task Steps_are_done_in_order_and_each_in_the_commit_of_its_command(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await TradeNode.Start(Delivery, shared.Open());

        await node.Append(new Agreed("t", 4));
        await node.WaitUntilIn("await-arrived");
        await node.Append(new Arrived("t"));
        var done = await node.WaitFor(ProcessState.Completed);
        var listed = await node.Processes.List(new ProcessQuery { Process = "trade", State = ProcessState.Completed });

        Assert.Equal(["reserve", "pay", "ship"], await node.Effects());
        Assert.Equal(
            [
                "started",
                "step-begun reserve",
                "step-done reserve",
                "step-begun pay",
                "step-done pay",
                "step-begun ship",
                "step-done ship",
                "awaiting await-arrived",
                "received await-arrived",
                "completed",
            ],
            await node.Story());
        Assert.Null(done!.Due);
        Assert.Equal("t", Assert.Single(listed.Instances).Id);
    }

    [Theory]
    [StoreKinds]
    public async Task A_refused_step_undoes_the_others_in_reverse_order(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await TradeNode.Start(Delivery, shared.Open());
        node.Trade.Failures["ship"] = -1;

        await node.Append(new Agreed("t", 4));
        var undone = await node.WaitFor(ProcessState.Compensated);

        Assert.Equal(["reserve", "pay", "refund", "release"], await node.Effects());
        Assert.Contains("ship is refused", undone!.Reason, StringComparison.Ordinal);
        Assert.Equal(
            [
                "step-failed ship",
                "compensating",
                "compensation-begun pay",
                "compensation-done pay",
                "compensation-begun reserve",
                "compensation-done reserve",
                "compensated",
            ],
            (await node.Story()).Skip(6));
    }

    [Fact]
    public async Task Instances_that_continue_immediately_are_not_queried()
    {
        var queries = 0;
        var storage = new FaultyStorage(new InMemoryStorage())
        {
            BeforeDocuments = name => queries += name == nameof(IDocumentStorage.Query) ? 1 : 0,
        };
        await using var node = await TradeNode.Start(
            process => process.StartOn<Agreed>(agreed => agreed.Trade).Step("pay", id => new DoWork(id, "pay")),
            storage);
        await node.Append(new Agreed("first", 4));
        await node.WaitFor(ProcessState.Completed, "first");
        queries = 0;

        var trades = Enumerable.Range(0, 20).Select(number => $"t-{number}").ToList();
        foreach (var trade in trades)
            await node.Append(new Agreed(trade, 4));
        foreach (var trade in trades)
            await node.WaitFor(ProcessState.Completed, trade);

        Assert.InRange(queries, 0, 3); // The number does not depend on the number of instances.
    }

    [Fact]
    public async Task A_failing_step_is_retried_with_the_same_id_and_then_undone_too()
    {
        await using var node = await TradeNode.Start(Delivery);
        node.Trade.Failures["pay"] = 2;
        await node.Append(new Agreed("a", 4));
        await node.WaitUntilIn("await-arrived", "a");

        node.Trade.Failures["pay"] = 3;
        await node.Append(new Agreed("b", 4));
        await node.WaitFor(ProcessState.Compensated, "b");

        Assert.Equal(["reserve", "refund", "release"], await node.Effects("b"));
        var tries = node.Trade.Tries.Where(tried => tried.Name == "pay").Select(tried => tried.CommandId).ToList();
        Assert.Equal((6, 2), (tries.Count, tries.Distinct().Count()));
    }

    /// <summary>Tests that a failed step is undone when it may still have an effect.</summary>
    [Theory]
    [InlineData(typeof(FormatException), false)] // The step declares this error as final, so it has no effect.
    [InlineData(typeof(NotSupportedException), true)] // The step is not retried, but its effect is unknown.
    public async Task A_step_that_fails_at_its_first_attempt_is_undone_unless_it_was_refused(
        Type error, bool isUndone)
    {
        await using var node = await TradeNode.Start(Payment);
        node.Trade.Errors["pay"] = (Exception)Activator.CreateInstance(error)!;

        await ExpectUndone(node, isUndone);
    }

    /// <summary>
    /// Gets errors of requests and whether they require compensation. Each error, or the error that contains it, is
    /// final for the step.
    /// </summary>
    public static TheoryData<string, bool> RequestErrors =>
        new()
        {
            { "settled", false },
            { "not settled", true },
            { "late", true },
            { "answer lost", true },
            { "settled, inside", false },
            { "not settled, inside", true },
            { "one of two", true },
            { "away, of two", true },
        };

    [Theory]
    [MemberData(nameof(RequestErrors))]
    public async Task A_step_that_called_another_service_is_undone_unless_the_service_has_settled_it(
        string error, bool isUndone)
    {
        await using var node = await TradeNode.Start(Payment);
        node.Trade.Errors["pay"] = error switch
        {
            "settled" => Refused(true),
            "not settled" => Refused(false),
            "late" => new RequestTimeoutException("take", "bank", ShortTime),
            "answer lost" => new MessageBodyException("answer-1", "answers/1", "it is not there."),
            "away, of two" => new AggregateException(
                Refused(true),
                new TransportUnavailableException("kafka", "it is away")),
            "settled, inside" => new FormatException("The bank has not done it.", Refused(true)),
            "not settled, inside" => new FormatException("The bank has not done it.", Refused(false)),
            _ => new AggregateException(Refused(true), Refused(false)),
        };

        await ExpectUndone(node, isUndone);

        static RequestRefusedException Refused(bool isSettled) =>
            new("take", "bank", nameof(InvalidDataException), "It is not known.") { IsSettled = isSettled };
    }

    private static async Task ExpectUndone(TradeNode node, bool isUndone)
    {
        await node.Append(new Agreed("t", 4));
        await node.WaitFor(ProcessState.Compensated);

        Assert.Equal(isUndone ? ["reserve", "refund", "release"] : ["reserve", "release"], await node.Effects());
        Assert.Single(node.Trade.Tries, tried => tried.Name == "pay");
    }

    [Fact]
    public async Task A_failed_compensation_is_recorded_the_others_run_and_an_operator_is_notified()
    {
        await using var node = await TradeNode.Start(Delivery);
        node.Trade.Failures["ship"] = -1;
        node.Trade.Failures["refund"] = -1;

        await node.Append(new Agreed("t", 4));
        var held = await node.WaitFor(ProcessState.Held);
        var work = await node.Effects();
        node.Trade.Failures["refund"] = 1;
        await node.Processes.Resume("trade", "t", "ada", "the bank is back");
        await node.WaitFor(ProcessState.Compensated);

        Assert.Equal(["reserve", "pay", "release"], work);
        Assert.Contains("'pay'", held!.Reason, StringComparison.Ordinal);
        Assert.Equal(["reserve", "pay", "release", "refund"], await node.Effects());
        Assert.Contains("compensation-attempt-failed pay", await node.Story());
    }

    [Fact]
    public async Task After_the_point_of_no_return_an_instance_is_held_and_resumed_and_never_undone()
    {
        using var log = new RecordedLog(LogLevel.Error);
        await using var node = await TradeNode.Start(
            process => process
                .StartOn<Agreed>(agreed => agreed.Trade)
                .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                .PointOfNoReturn()
                .Step("ship", id => new DoWork(id, "ship")).Retry(2, ShortTime),
            log: log);
        node.Trade.Failures["ship"] = 2;

        await node.Append(new Agreed("t", 4));
        await node.WaitFor(ProcessState.Held);
        await Assert.ThrowsAsync<ProcessRefusedException>(() => node.Processes.Cancel("trade", "t", "ada"));
        await node.Processes.Resume("trade", "t", "ada");
        await node.WaitFor(ProcessState.Completed);

        Assert.Equal(["reserve", "ship"], await node.Effects());
        await Eventually.Until(() => log.Entries.Any(entry => entry.Id == 6102), TestNode.WaitTimeout);
        // An operator is notified once, with the instance and the reason.
        var logged = Assert.Single(log.Entries, entry => entry.Id == 6102);
        Assert.Equal(LogLevel.Error, logged.Level);
        Assert.Contains("Process trade holds t for a user", logged.Text, StringComparison.Ordinal);
        Assert.Contains("'ship' failed", logged.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Steps_of_a_group_start_together_and_all_are_awaited()
    {
        await using var node = await TradeNode.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Parallel("prepare", group => group
                .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                .Step("pay", id => new DoWork(id, "pay"), id => new DoWork(id, "refund")).Retry(3, ShortTime)
                .Step("print", id => new DoWork(id, "print")))
            .Step("ship", id => new DoWork(id, "ship")));
        node.Trade.Failures["pay"] = 1;

        await node.Append(new Agreed("t", 4));
        await node.WaitFor(ProcessState.Completed);
        node.Trade.Failures["print"] = -1;
        await node.Append(new Agreed("u", 4));
        await node.WaitFor(ProcessState.Compensated, "u");

        var work = await node.Effects();
        Assert.Equal(["pay", "print", "reserve"], work.Take(3).Order());
        Assert.Equal(["ship"], work.Skip(3));
        // A step that started together with the failed step may have an external effect, even when its commit was too
        // late. So it is undone.
        var undone = await node.Effects("u");
        Assert.Equal(["refund", "release"], undone.TakeLast(2));
        Assert.Subset(new HashSet<string> { "reserve", "pay" }, undone.SkipLast(2).ToHashSet());
    }

    [Fact]
    public async Task A_decision_follows_from_an_event_and_is_recorded_and_commands_follow_from_events()
    {
        await using var node = await TradeNode.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Await<Judged>(judged => judged.Trade)
            .When<Judged>(
                "good", judged => judged.IsGood,
                then => then.Step("keep", (string id, Agreed agreed) => new DoWork(id, $"keep {agreed.Amount}")),
                otherwise => otherwise.Step("send-back", id => new DoWork(id, "send back")))
            .Step("close", id => new DoWork(id, "close")));

        await node.Append(new Agreed("t", 4));
        await node.Append(new Agreed("u", 5));
        await node.Append(new Judged("t", IsGood: true));
        await node.Append(new Judged("u", IsGood: false));
        await node.WaitFor(ProcessState.Completed, "t");
        await node.WaitFor(ProcessState.Completed, "u");

        Assert.Equal(["keep 4", "close"], await node.Effects("t"));
        Assert.Equal(["send back", "close"], await node.Effects("u"));
        Assert.Contains("decided good", await node.Story("t"));
    }

    [Fact]
    public async Task Early_events_are_received_and_repeated_or_late_events_are_skipped_or_refused()
    {
        await using var node = await TradeNode.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Await<Judged>(judged => judged.Trade)
            .Await<Arrived>(arrived => arrived.Trade)
            .OnUnexpected(UnexpectedEvents.Refuse));

        await node.Append(new Agreed("t", 4));
        await node.Append(new Arrived("t"));
        await node.Append(new Judged("t", IsGood: true));
        await node.WaitFor(ProcessState.Completed);
        await node.Append(new Arrived("t"));
        await node.Append(new Judged("nobody", IsGood: true));
        var letters = await Eventually.Get(
            async () => await node.DeadLetters.List(new Storage.DeadLetterQuery()),
            letters => letters.Count == 2,
            TestNode.WaitTimeout);

        Assert.Equal(
            [
                "started",
                "awaiting await-judged",
                "received-early",
                "received await-judged",
                "received await-arrived",
                "completed",
            ],
            await node.Story());
        Assert.Contains(letters, letter => letter.Message!.Contains("too late", StringComparison.Ordinal));
        Assert.Contains(letters, letter => letter.Message!.Contains("not started", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missed_deadline_undoes_or_continues_the_instance_as_configured()
    {
        await using var node = await TradeNode.Start(process => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
            .Await<Judged>(judged => judged.Trade, within: ShortTime, onTimeout: TimeoutRule.Continue)
            .Step("ask", id => new DoWork(id, "ask"))
            .Await<Arrived>(arrived => arrived.Trade, within: ShortTime));

        await node.Append(new Agreed("t", 4));
        var undone = await node.WaitFor(ProcessState.Compensated);

        Assert.Equal(["reserve", "ask", "release"], await node.Effects());
        Assert.Contains("did not come within", undone!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_node_continues_at_the_step_of_a_dead_node()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var trade = new Trade();
        trade.Failures["pay"] = 1;
        var first = await TradeNode.Start(Slow, shared.Open(), trade);
        await first.Append(new Agreed("t", 4));
        await Eventually.Until(() => trade.Tries.Any(tried => tried.Name == "pay"), TestNode.WaitTimeout);
        await first.DisposeAsync();

        await using var second = await TradeNode.Start(Slow, shared.Open(), trade);
        await second.WaitFor(ProcessState.Completed);

        Assert.Equal(["reserve", "pay"], await second.Effects());
        Assert.Single(trade.Tries.Where(tried => tried.Name == "pay").Select(tried => tried.CommandId).Distinct());

        static void Slow(ProcessBuilder<string> process) => process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve"))
            .Step("pay", id => new DoWork(id, "pay")).Retry(3, TimeSpan.FromMilliseconds(300));
    }

    private static void Payment(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"), compensate: id => new DoWork(id, "release"))
        .Step("pay", id => new DoWork(id, "pay"), compensate: id => new DoWork(id, "refund"))
        .FailsOn<FormatException>().FailsOn<MillraceException>().FailsOn<AggregateException>();

    private static void Delivery(ProcessBuilder<string> process) =>
        process
            .StartOn<Agreed>(agreed => agreed.Trade)
            .Step("reserve", id => new DoWork(id, "reserve"), compensate: id => new DoWork(id, "release"))
            .Step("pay", id => new DoWork(id, "pay"), compensate: id => new DoWork(id, "refund"))
            .Retry(3, ShortTime)
            .Step("ship", id => new DoWork(id, "ship"))
            .Await<Arrived>(arrived => arrived.Trade, within: TimeSpan.FromDays(3));
}
