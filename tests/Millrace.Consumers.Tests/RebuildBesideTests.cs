using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class RebuildBesideTests
{
    private const string First = "cargo@1";
    private const string Second = "cargo@1.2";

    [Fact]
    public async Task A_rebuild_takes_over_with_the_same_documents_and_the_previous_collection_is_kept()
    {
        await using var node = await TestNode.StartCargo();
        var token = await Fill(node, 300);
        var before = await All(node, token);
        var reports = new ConcurrentQueue<RebuildProgress>();

        var built = await node.Projections.RebuildBeside("cargo", progress: new Reports(reports));
        var after = await All(node, token);

        Assert.Equal(Second, built);
        Assert.Equal(before, after);
        Assert.Equal((300, 300), (reports.Last().Done, reports.Last().Total));
        Assert.Equal((Second, null, First), await Row(node));
        Assert.Equal(await Stored(node, First), await Stored(node, Second));
    }

    [Fact]
    public async Task Reads_are_complete_and_monotonic_during_a_rebuild_and_its_switch()
    {
        using var file = new ShopFile();
        await using var node = await TestNode.StartCargo(file.Open());
        await Fill(node, 500);
        using var stop = new CancellationTokenSource();
        var writing = Write(node, stop.Token);
        var reading = Task.WhenAll(
            ReadRepeatedly(node, "s1", stop.Token),
            ReadRepeatedly(node, "s2", stop.Token),
            ReadByToken(node, stop.Token));

        for (var round = 0; round < 3; round++)
            await node.Projections.RebuildBeside("cargo").WaitAsync(TestNode.WaitTimeout);
        await node.Projections.SwitchBack("cargo", TestNode.WaitTimeout);
        await stop.CancelAsync();
        var token = await writing;
        await reading;

        Assert.True((await node.Cargo.Get("s1", token)).IsFresh);
        Assert.True((await node.Projections.Check((await Row(node)).Live, TestNode.WaitTimeout)).IsSound);
        Assert.Equal(2, (await node.Store.Storage.Documents.List(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Switching_back_works_like_a_switch_and_dropping_removes_the_collection()
    {
        await using var node = await TestNode.StartCargo();
        await Fill(node, 50);
        await node.Projections.RebuildBeside("cargo");
        var token = await node.Append("s1", new Loaded("s1", 1_000));

        await node.Projections.SwitchBack("cargo", TestNode.WaitTimeout);
        var back = await node.Cargo.Get("s1", token);
        var row = await Row(node);
        var dropped = await node.Projections.Drop("cargo");

        Assert.True(back.IsFresh);
        Assert.Equal(6, back.Value!.Changes);
        Assert.Equal((First, null, Second), row);
        Assert.Equal(Second, dropped);
        Assert.Null(await node.Projections.Drop("cargo"));
        Assert.Equal([First], (await node.Projections.List()).Select(projection => projection.Collection));
        Assert.Equal([First], (await node.Consumers.List()).Select(status => status.Name));
        await Assert.ThrowsAsync<ReadModelBuildException>(() =>
            node.Projections.SwitchBack("cargo", TestNode.WaitTimeout));
        await Assert.ThrowsAsync<ReadModelBuildException>(() => node.Projections.Switch("cargo", TestNode.WaitTimeout));
    }

    [Fact]
    public async Task A_read_that_waits_for_a_dropped_collection_continues_with_its_successor()
    {
        await using var node = await TestNode.StartCargo();
        await node.Cargo.Get("s1", await Fill(node, 50));
        await node.PauseAndWait(First);
        var token = await node.Append("s1", new Loaded("s1", 7));

        var reading = node.Cargo.Get("s1", new ReadAfter(token, TestNode.WaitTimeout * 10)).AsTask();
        Assert.False(reading.IsCompleted);
        await node.Projections.RebuildBeside("cargo");
        await node.Projections.DropKept("cargo");
        var read = await reading.WaitAsync(TestNode.WaitTimeout);

        Assert.Equal((true, 6), (read.IsFresh, read.Value!.Changes));
    }

    [Fact]
    public async Task With_a_manual_switch_a_rebuild_is_kept_up_to_date_until_the_switch()
    {
        await using var node = await TestNode.StartCargo();
        await Fill(node, 50);

        var built = await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        var token = await node.Append("s1", new Loaded("s1", 7));
        Assert.Equal((First, Second, null), await Row(node));
        await node.Projections.Switch("cargo", TestNode.WaitTimeout);

        Assert.Equal((Second, null, First), await Row(node));
        Assert.Equal(6, (await node.Cargo.Get("s1", token)).Value!.Changes);
        Assert.Equal(Second, built);
    }

    [Fact]
    public async Task Dropping_a_rebuild_ends_the_wait_and_keeps_the_current_collection()
    {
        await using var node = await TestNode.StartCargo();
        var token = await Fill(node, 50);
        await node.Cargo.Get("s1", token);
        await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        await node.PauseAndWait(Second);
        await node.Append("s1", new Loaded("s1", 7));
        var reports = new ConcurrentQueue<RebuildProgress>();
        var waiting = node.Projections.RebuildBeside("cargo", BuildSwitch.Manual, new Reports(reports));
        // Wait until the call waits for the current rebuild, so that it does not start another one.
        await Eventually.Until(() => !reports.IsEmpty, TestNode.WaitTimeout);

        Assert.Equal(Second, await node.Projections.Drop("cargo"));

        await Assert.ThrowsAsync<ReadModelBuildException>(() => waiting);
        Assert.Equal((First, null, null), await Row(node));
        Assert.Equal(
            [First],
            (await node.Store.Storage.Documents.List(CancellationToken.None)).Select(found => found.Definition.Name));
        Assert.Equal("cargo@1.3", await node.Projections.RebuildBeside("cargo"));
    }

    [Fact]
    public async Task A_consumer_that_is_not_an_asynchronous_projection_is_refused_with_the_reason()
    {
        await using var node = await TestNode.Start(add: host => TestNode.Add(
            host, ConsumerDefinition.Each("mail", EventFilter.All, static (_, _) => ValueTask.CompletedTask)));

        var refused = await Assert.ThrowsAsync<ReadModelBuildException>(() => node.Projections.RebuildBeside("mail"));

        Assert.Contains("their effects would happen twice", refused.Message, StringComparison.Ordinal);
        Assert.Equal("mail", refused.ReadModel);
    }

    [Fact]
    public async Task A_tool_requests_a_rebuild_through_the_store()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        var token = await Fill(node, 40);
        await node.Cargo.Get("s1", token);
        await using var tool = await EventStore.Open(storage, EventTypeMap.Empty);
        var projections = Projections.Of(tool);

        await projections.RebuildBeside("cargo");
        await projections.SwitchBack("cargo", TestNode.WaitTimeout);
        await projections.Drop("cargo");

        Assert.Equal(First, Assert.Single(await projections.Catalog()).Live);
        await WaitFor(async () => (await projections.List()).Count == 1);
        await WaitFor(async () => (await storage.Documents.List(CancellationToken.None)).Count == 1);
        Assert.NotNull((await node.Cargo.Get("s1", token)).Value);
    }

    [Fact]
    public async Task A_decision_about_a_failing_event_applies_in_a_rebuild()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("bad", new Loaded("bad", 5), new Loaded("bad", -1), new Loaded("bad", 6));
        var letter = (await node.WaitForDeadLetters(all => all.Any(item => item.State == DeadLetterState.Parked)))[0];
        await node.Decide(letter, DeadLetterDecision.Skip);
        await node.WaitForDeadLetters(all => all.All(item => !item.IsOpen));

        await node.Projections.RebuildBeside("cargo");

        Assert.Equal(11, (await node.Cargo.Get("bad")).Value!.Crates);
        Assert.Equal(await Stored(node, First), await Stored(node, Second));
    }

    [Fact]
    public async Task A_rebuild_with_more_blocked_events_does_not_switch_automatically()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("s1", new Loaded("s1", 5), new Loaded("s1", 13), new Loaded("s1", 2));
        var strict = Harbour.Cargo(version: 2, create: static () => new ThirteenRejectingProjection());
        await using var other = await TestNode.Start(storage, host => TestNode.Add(host, strict));
        var letters = await other.WaitForDeadLetters(all => all.Any(item => item.State == DeadLetterState.Parked));
        await other.WaitUntil("cargo@2", status => status.State == ConsumerState.Live && status.LagEvents == 0);

        var refused = await Assert.ThrowsAsync<ReadModelBuildException>(() =>
            other.Projections.Switch("cargo", TestNode.WaitTimeout));
        var watched = await Assert.ThrowsAsync<ReadModelBuildException>(() => other.Projections.RebuildBeside("cargo"));
        var row = await Row(node);
        await node.Decide(letters[0], DeadLetterDecision.Skip);
        await WaitFor(async () => (await Row(node)).Live == "cargo@2");

        Assert.Contains("holds back 2 events", refused.Message, StringComparison.Ordinal);
        Assert.Contains("holds back 2 events", watched.Message, StringComparison.Ordinal);
        Assert.Equal((First, "cargo@2", null), row);
    }

    [Fact]
    public async Task An_operator_can_switch_although_documents_disappear()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("s1", new Loaded("s1", 5), new Loaded("s1", 13));
        var strict = Harbour.Cargo(version: 2, create: static () => new ThirteenRejectingProjection());
        await using var other = await TestNode.Start(
            storage, host => TestNode.Add(host, strict), options => options.SwitchBuilds = BuildSwitch.Manual);
        await other.WaitForDeadLetters(all => all.Any(item => item.State == DeadLetterState.Parked));

        await other.Projections.Switch("cargo", TestNode.WaitTimeout, evenWithDeadLetters: true);

        Assert.Equal(("cargo@2", null, First), await Row(node));
        // The previous collection has no blocked events.
        await node.Projections.SwitchBack("cargo", TestNode.WaitTimeout);
        Assert.Equal((First, null, "cargo@2"), await Row(node));
    }

    [Fact]
    public async Task A_collection_that_no_node_keeps_up_to_date_cannot_be_switched_back_to()
    {
        var storage = new InMemoryStorage();
        var node = await TestNode.StartCargo(storage);
        await Fill(node, 20);
        await using var other = await TestNode.Start(storage, host => TestNode.Add(host, Harbour.Cargo(version: 2)));
        await WaitFor(async () => (await Row(other)).Live == "cargo@2");
        await node.DisposeAsync();

        var refused = await Assert.ThrowsAsync<TimeoutException>(
            () => other.Projections.SwitchBack("cargo", TimeSpan.FromMilliseconds(200)));

        Assert.Contains("no node keeps it up to date", refused.Message, StringComparison.Ordinal);
        Assert.Equal(("cargo@2", null, First), await Row(other));
    }

    [Fact]
    public async Task The_rebuild_of_a_version_is_not_dropped_while_its_nodes_continue_it()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await Fill(node, 20);
        await using (
            var other = await TestNode.Start(
                storage,
                host => TestNode.Add(host, Harbour.Cargo(version: 2)),
                options => options.SwitchBuilds = BuildSwitch.Manual))
        {
            await other.WaitUntil("cargo@2", status => status.State == ConsumerState.Live);
            var refused = await Assert.ThrowsAsync<ReadModelBuildException>(() =>
                node.Projections.Drop("cargo").AsTask());
            Assert.Contains("nodes of version 2 are running", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal("cargo@2", await node.Projections.Drop("cargo"));

        Assert.Equal((First, null, null), await Row(node));
        Assert.Equal(
            [First],
            (await storage.Documents.List(CancellationToken.None)).Select(found => found.Definition.Name));
    }

    private static Task<bool> WaitFor(Func<Task<bool>> condition) =>
        Eventually.Get(condition, static holds => holds, TestNode.WaitTimeout);

    private static async Task<ConsistencyToken> Fill(TestNode node, int events)
    {
        ConsistencyToken token = default;
        for (var i = 0; i < events; i += 10)
        {
            for (var ship = 0; ship < 10; ship++)
                token = await node.Append($"s{ship}", new Loaded($"s{ship}", i));
        }
        return token;
    }

    private static async Task<ConsistencyToken> Write(TestNode node, CancellationToken stop)
    {
        ConsistencyToken token = default;
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            token = await node.Append($"s{i % 10}", new Loaded($"s{i % 10}", 1));
            await Task.Yield();
        }
        return token;
    }

    /// <summary>
    /// Reads without a token until the token is cancelled. A read may be stale, but never older than an earlier read.
    /// </summary>
    private static async Task ReadRepeatedly(TestNode node, string ship, CancellationToken stop)
    {
        var seen = 0;
        while (!stop.IsCancellationRequested)
        {
            var changes = (await node.Cargo.Get(ship, default, CancellationToken.None)).Value?.Changes ?? 0;
            Assert.True(changes >= seen, $"{ship} went back from {seen} to {changes} changes.");
            seen = changes;
            await Task.Yield();
        }
    }

    private static async Task ReadByToken(TestNode node, CancellationToken stop)
    {
        for (var i = 1; !stop.IsCancellationRequested; i++)
        {
            var token = await node.Append("mine", new Loaded("mine", 1));
            var read = await node.Cargo.Get("mine", token, CancellationToken.None);
            Assert.True(read.IsFresh);
            Assert.Equal(i, read.Value!.Changes);
        }
    }

    private static async Task<(string Live, string? Building, string? Kept)> Row(TestNode node)
    {
        var row = Assert.Single(await node.Projections.Catalog());
        return (row.Live, row.Building, row.Kept);
    }

    private static async Task<IReadOnlyList<Cargo>> All(TestNode node, ConsistencyToken token) =>
        (await node.Cargo.Query(new ReadQuery { Limit = 100 }, token)).Items;

    private static async Task<IReadOnlyList<string>> Stored(TestNode node, string collection)
    {
        var token = await node.Store.GetToken();
        Assert.True(await node.Consumers.WaitFor(collection, token, TestNode.WaitTimeout));
        var page = await node.Store.Storage.Documents.Query(
            new DocumentQuery { Collection = collection, Limit = 1_000 },
            CancellationToken.None);
        return
        [
            .. page.Documents.Select(document =>
                $"{document.Key}@{document.Position}: {System.Text.Encoding.UTF8.GetString(document.Body.Span)}"),
        ];
    }

    private sealed class Reports(ConcurrentQueue<RebuildProgress> reports) : IProgress<RebuildProgress>
    {
        public void Report(RebuildProgress value) => reports.Enqueue(value);
    }
}
