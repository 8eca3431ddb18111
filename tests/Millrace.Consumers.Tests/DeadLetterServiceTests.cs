using System.Text;
using System.Text.Json;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of the operations on dead letters.</summary>
public sealed class DeadLetterServiceTests
{
    private const string Cargo = "cargo@1";
    private static readonly DeadLetterNote Note = new("ada", "because");

    [Fact]
    public async Task Dead_letters_are_grouped_by_cause_despite_different_messages()
    {
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Each(
            "clerk", EventFilter.All, (recorded, _) => recorded.Position % 3 == 0
                ? throw new NotSupportedException($"Order {recorded.Position} of '{recorded.Stream}' at 10:30 is odd.")
                : throw new NotImplementedException())));
        for (var i = 0; i < 9; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", i));
        await node.WaitForDeadLetters(found => found.Count == 9);

        var groups = await node.DeadLetters.ListGroups();

        Assert.Equal([6L, 3L], groups.Select(group => group.DeadLetters));
        Assert.Equal(
            [nameof(NotImplementedException), nameof(NotSupportedException)],
            groups.Select(group => group.Cause.Split('-')[0]));
        Assert.Equal(3, await node.DeadLetters.Count(new DeadLetterQuery { Cause = groups[1].Cause }));
        Assert.True(groups[0].FirstFailedAt <= groups[0].LastFailedAt);
    }

    [Fact]
    public async Task A_dead_letter_is_shown_with_its_event_and_the_blocked_events()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("cid", new Loaded("cid", -1), new Loaded("cid", 1), new Loaded("cid", 2));
        var letters = await node.WaitForDeadLetters(found => found.Count == 3);

        var head = await node.DeadLetters.Show(letters[0].Id);
        var last = await node.DeadLetters.Show(letters[2].Id);

        Assert.Equal(-1, Assert.IsType<Loaded>(head.Event!.Data).Crates);
        Assert.Equal((2, 2), (head.WaitingCount, head.Waiting.Count));
        Assert.Null(head.BlockedBy);
        Assert.Equal(letters[0].Id, last.BlockedBy!.Id);
        await Assert.ThrowsAsync<DeadLetterNotFoundException>(async () => await node.DeadLetters.Show(4711));
    }

    [Fact]
    public async Task Decisions_are_recorded_in_the_log_with_user_and_reason()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", -1));
        await node.Append("bea", new Loaded("bea", -1));
        await node.Append("cid", new Loaded("cid", -1));
        await node.Append("dan", new Loaded("dan", -1), new Loaded("dan", 1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 5);

        await node.DeadLetters.Skip(letters[0].Id, Note);
        await node.DeadLetters.Discard(letters[1].Id, Note);
        await node.DeadLetters.Edit(letters[2].Id, """{"ship":"cid","crates":9}"""u8.ToArray(), Note);
        await node.DeadLetters.Retry(letters[3].Id, new DeadLetterNote("bea"));
        await node.WaitForDeadLetters(found => found.All(letter => letter.State != DeadLetterState.Released));

        var audit = new List<(string, string, long)>();
        await foreach (var recorded in node.Store.ReadStream(new StreamId("$dead-letters")))
        {
            var json = JsonDocument.Parse(recorded.Payload).RootElement;
            Assert.Equal(json.GetProperty("by").GetString(), recorded.Metadata.UserId);
            var id = json.GetProperty("letters")[0].GetProperty("id").GetInt64();
            audit.Add((json.GetProperty("decision").GetString()!, json.GetProperty("by").GetString()!, id));
        }
        Assert.Equal(
            [
                ("skip", "ada", letters[0].Id), ("discard", "ada", letters[1].Id),
                ("edit", "ada", letters[2].Id), ("retry", "bea", letters[3].Id),
            ],
            audit);
        Assert.Equal(
            [
                DeadLetterState.Skipped, DeadLetterState.Discarded, DeadLetterState.Corrected, DeadLetterState.Parked,
                DeadLetterState.Waiting,
            ],
            (await node.ListDeadLetters()).Select(letter => letter.State));
        Assert.Equal(9, (await node.Cargo.Get("cid")).Value!.Crates);
    }

    [Fact]
    public async Task An_impossible_decision_is_refused_with_advice()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("cid", new Loaded("cid", -1), new Loaded("cid", 1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 2);
        var service = node.DeadLetters;

        var waits = await Assert.ThrowsAsync<DeadLetterRefusedException>(() => service.Retry(letters[1].Id, Note));
        await Assert.ThrowsAsync<DeadLetterNotFoundException>(() => service.Retry(4711, Note));
        await Assert.ThrowsAsync<ArgumentException>(() => service.Skip(letters[0].Id, new DeadLetterNote("ada")));
        await Assert.ThrowsAsync<ArgumentException>(() => service.Retry(letters[0].Id, new DeadLetterNote(" ")));
        await Assert.ThrowsAsync<ArgumentException>(() => service.Edit(letters[0].Id, "{"u8.ToArray(), Note));
        await Assert.ThrowsAsync<LimitExceededException>(() =>
            service.Edit(letters[0].Id, new byte[17 * 1024 * 1024], Note));
        await service.Skip(letters[0].Id, Note);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);
        var late = await Assert.ThrowsAsync<DeadLetterRefusedException>(() => service.Skip(letters[0].Id, Note));

        Assert.Contains($"waits for dead letter {letters[0].Id}.", waits.Message, StringComparison.Ordinal);
        Assert.Contains("Skipped already", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_simulation_reports_how_many_would_pass_and_writes_nothing()
    {
        var fix = new ErrorFix();
        var handled = 0;
        await using var node = await TestNode.Start(add: host =>
        {
            TestNode.Add(host, Harbour.Cargo(create: () => new CorrectedCargoProjection(fix)));
            TestNode.Add(
                host,
                ConsumerDefinition
                    .Each("safe", EventFilter.All, (_, _) => throw new FormatException("No."))
                    .SafeToSimulate());
            TestNode.Add(
                host,
                ConsumerDefinition.Each(
                    "mail",
                    EventFilter.All,
                    (_, _) =>
                    {
                        Interlocked.Increment(ref handled);
                        throw new NotSupportedException("No.");
                    }
                )
            );
        });
        await node.Append("cid", new Loaded("cid", 1), new Loaded("cid", -1));
        await node.WaitForDeadLetters(found => found.Count(letter => letter.State == DeadLetterState.Parked) == 3);
        var before = (
            await node.ListDeadLetters(), await node.Store.GetToken(), (await node.Cargo.Get("cid")).Value, handled);

        var broken = await node.DeadLetters.Simulate(new DeadLetterQuery { Consumer = Cargo });
        fix.IsApplied = true;
        var corrected = await node.DeadLetters.Simulate(new DeadLetterQuery());

        Assert.Equal((0, 1, 0), (broken.Passes, broken.Fails, broken.Unknown));
        Assert.Equal(before.Item1.First(letter => letter.Consumer == Cargo).Cause, broken.DeadLetters[0].Cause);
        Assert.Equal((1, 1, 1), (corrected.Passes, corrected.Fails, corrected.Unknown));
        Assert.Equal(before.Item1, await node.ListDeadLetters());
        Assert.Equal(
            (before.Item2, before.Item3, before.Item4),
            (await node.Store.GetToken(), (await node.Cargo.Get("cid")).Value, handled));
    }

    [Fact]
    public async Task A_tool_that_knows_the_model_simulates_without_running_it()
    {
        using var file = new ShopFile();
        await using var node = await TestNode.StartCargo(file.Open());
        await node.Append("cid", new Loaded("cid", -1));
        await node.WaitForDeadLetters(found => found.Count == 1);
        var model = Harbour.Register(new ModelBuilder()).Projection(Harbour.Cargo()).BuildCatalog();
        await using var store = await EventStore.Open(file.Open(), model.EventTypes);
        var tool = DeadLetters.Of(store, model);
        var patch = DeadLetterAction.Patch("""{"crates":3}"""u8.ToArray());

        var unpatched = await tool.Simulate(new DeadLetterQuery());
        var patched = await tool.Simulate(new DeadLetterQuery(), patch);

        Assert.Equal((1, 1), (unpatched.Fails, patched.Passes));
    }

    [Fact]
    public async Task A_replay_patches_and_releases_all_matching_dead_letters()
    {
        await using var node = await TestNode.StartCargo();
        for (var i = 0; i < 30; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", -i - 1));
        await node.WaitForDeadLetters(found => found.Count == 30);

        var replayed = await node.DeadLetters.Replay(
            new DeadLetterQuery { Consumer = Cargo },
            DeadLetterAction.Patch("""{"crates":7}"""u8.ToArray()),
            Note,
            new DeadLetterReplayOptions { StopAtErrorShare = 0.1, Step = 10 });

        Assert.Equal(new DeadLetterReplay(30, 0, 30, 0, false) { Last = 30 }, replayed);
        Assert.Equal(7, (await node.Cargo.Get("s29")).Value!.Crates);
    }

    [Fact]
    public async Task A_replay_stops_when_too_many_dead_letters_fail_again()
    {
        await using var node = await TestNode.StartCargo();
        for (var i = 0; i < 30; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", -1));
        await node.WaitForDeadLetters(found => found.Count == 30);

        var replayed = await node.DeadLetters.Replay(
            new DeadLetterQuery { Consumer = Cargo },
            DeadLetterAction.Retry,
            Note,
            new() { StopAtErrorShare = 0.5, Step = 10 }
        );

        Assert.Equal(new DeadLetterReplay(10, 0, 0, 10, true) { Last = 10 }, replayed);
        Assert.Equal(10, (await node.ListDeadLetters()).Count(letter => letter.Attempts == 2));
        Assert.Equal(30, (await node.ListDeadLetters()).Count(letter => letter.State == DeadLetterState.Parked));
    }

    [Theory]
    [InlineData("""{"a":1,"b":{"c":2,"d":3}}""", """{"b":{"c":null,"e":[1]},"f":"x"}""", """{"a":1,"b":{"d":3,"e":[1]},"f":"x"}""")]
    [InlineData("""{"a":12345678901234567890.12}""", """{"b":1}""", """{"a":12345678901234567890.12,"b":1}""")]
    [InlineData("""[1,2]""", """{"a":1}""", """{"a":1}""")]
    [InlineData("""{"a":"b"}""", """{"a":{"b":null,"c":1}}""", """{"a":{"c":1}}""")]
    public void A_merge_patch_changes_only_its_members(string payload, string patch, string expected)
    {
        var patched = DeadLetterAction
            .Patch(Encoding.UTF8.GetBytes(patch))
            .Apply(Encoding.UTF8.GetBytes(payload), EventContentType.Json);

        Assert.Equal(expected, Encoding.UTF8.GetString(patched!.Value.Span));
    }

    [Fact]
    public void A_patch_that_is_not_an_object_is_refused()
    {
        Assert.Throws<ArgumentException>(() => DeadLetterAction.Patch("[1]"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => DeadLetterAction.Patch("{"u8.ToArray()));
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":1e2000000}""")]
    public void A_payload_that_CBOR_cannot_represent_is_refused_as_an_argument(string payload) =>
        Assert.ThrowsAny<ArgumentException>(() =>
            DeadLetterAction.AsStored(Encoding.UTF8.GetBytes(payload), EventContentType.Cbor));

    [Fact]
    public async Task Concurrent_operators_decide_about_each_dead_letter_once()
    {
        var shared = new InMemoryStorage();
        var storage = new FaultyStorage(shared);
        await using var node = await TestNode.StartCargo(storage);
        for (var i = 0; i < 40; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", -1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 40);
        await node.PauseAndWait(Cargo);
        await using var other = await TestNode.Start(shared, configure: options => options.IsEnabled = false);
        DeadLetterReplay? between = null;
        storage.BeforeNextCommit = async () => between = await other.DeadLetters.Replay(
            new DeadLetterQuery { Key = "s7" }, DeadLetterAction.Skip, new DeadLetterNote("bea", "too"));

        var replayed = await node.DeadLetters.Replay(new DeadLetterQuery(), DeadLetterAction.Skip, Note);
        await node.Consumers.Resume(Cargo);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        var (seventh, last) = (letters.Single(letter => letter.Key == "s7").Id, letters.Max(letter => letter.Id));
        Assert.Equal(
            (new(1, 0, 0, 0, false) { Last = seventh }, new(39, 1, 0, 0, false) { Last = last }), (between, replayed));
        Assert.Equal(40, (await node.ListDeadLetters()).Count(letter => letter.State == DeadLetterState.Skipped));
        var audited = new List<(string By, long Id)>();
        await foreach (var recorded in node.Store.ReadStream(new StreamId("$dead-letters")))
        {
            foreach (var letter in JsonElement.Parse(recorded.Payload.Span).GetProperty("letters").EnumerateArray())
                audited.Add((recorded.Metadata.UserId!, letter.GetProperty("id").GetInt64()));
        }
        Assert.Equal(letters.Select(letter => letter.Id).Order(), audited.Select(entry => entry.Id).Order());
        Assert.Equal(
            letters.Single(letter => letter.Key == "s7").Id, Assert.Single(audited, entry => entry.By == "bea").Id);
    }

    [Fact]
    public async Task A_replay_releases_at_most_its_rate_per_second()
    {
        var time = new ManualTimeProvider();
        await using var store = await EventStore.Open(new InMemoryStorage(time), Harbour.Types, time: time);
        for (var i = 1; i <= 12; i++)
        {
            var stream = Harbour.StreamOf($"s{i}");
            await store.Append(stream, ExpectedVersion.Any, [new Loaded($"s{i}", -1)]);
            await store.Commit(
                new CommitRequest { DeadLetters = [new DeadLetterChange(Parked(i, stream))] },
                isBackground: false,
                CancellationToken.None);
        }
        var timers = time.ArmedTimers;

        var replaying = DeadLetters
            .Of(store)
            .Replay(
                new DeadLetterQuery(),
                DeadLetterAction.Skip,
                Note,
                new DeadLetterReplayOptions { MaxPerSecond = 5, Step = 50 }
            );
        var seen = new List<long>();
        for (var second = 0; second < 2; second++)
        {
            await WaitForReleased(store, (second + 1) * 5);
            await time.WaitForTimers(timers + 1).WaitAsync(TestNode.WaitTimeout);
            time.Advance(TimeSpan.FromMilliseconds(999));
            seen.Add(await Released(store));
            time.Advance(TimeSpan.FromMilliseconds(1));
        }
        var replayed = await replaying.WaitAsync(TestNode.WaitTimeout);

        Assert.Equal([5L, 10], seen);
        Assert.Equal(12, replayed.Decided);
    }

    [Fact]
    public async Task A_replay_starts_and_stops_at_the_given_positions()
    {
        await using var node = await TestNode.StartCargo();
        for (var i = 0; i < 10; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", -1));
        var letters = await node.WaitForDeadLetters(found => found.Count == 10);

        var replayed = await node.DeadLetters.Replay(
            new DeadLetterQuery { After = letters[3].Id },
            DeadLetterAction.Skip,
            Note,
            new DeadLetterReplayOptions { Limit = 2 }
        );
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 8);

        Assert.Equal(2, replayed.Decided);
        Assert.Equal(
            [letters[4].Id, letters[5].Id],
            (await node.ListDeadLetters())
                .Where(letter => letter.State == DeadLetterState.Skipped)
                .Select(letter => letter.Id)
        );
    }

    [Fact]
    public async Task A_replay_can_edit_blocked_events_but_cannot_release_them()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("cid", new Loaded("cid", -1), new Loaded("cid", 1));
        await node.WaitForDeadLetters(found => found.Count == 2);
        var waiting = new DeadLetterQuery { States = [DeadLetterState.Waiting] };

        await Assert.ThrowsAsync<ArgumentException>(() =>
            node.DeadLetters.Replay(waiting, DeadLetterAction.Retry, Note));
        var edited = await node.DeadLetters.Replay(
            waiting, DeadLetterAction.Patch("""{"crates":5}"""u8.ToArray()), Note, new() { StopAtErrorShare = 0.5 });
        var skipped = await node.DeadLetters.Replay(
            new DeadLetterQuery { States = [DeadLetterState.Waiting, DeadLetterState.Parked] },
            DeadLetterAction.Skip,
            Note);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Equal((1, 1), (edited.Decided, skipped.Decided));
        Assert.Equal(new Cargo("cid", 5, 1, 2), (await node.Cargo.Get("cid")).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_of_an_inline_read_model_can_only_be_retried(bool knowsModel)
    {
        var fix = new ErrorFix();
        var storage = new InMemoryStorage();
        await using var plain = await TestNode.Start(storage);
        await plain.Append("ada", new Loaded("ada", -1));
        var inline = Harbour.Cargo(ProjectionLifecycle.Inline, create: () => new CorrectedCargoProjection(fix));
        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, inline));
        var letter = Assert.Single(await node.WaitForDeadLetters(found => found.Count == 1));
        var letters = knowsModel ? node.DeadLetters : DeadLetters.Of(plain.Store);
        var patch = DeadLetterAction.Patch("""{"crates":5}"""u8.ToArray());

        var refused = await Assert.ThrowsAsync<DeadLetterRefusedException>(() => letters.Skip(letter.Id, Note));
        await Assert.ThrowsAsync<DeadLetterRefusedException>(() => letters.Discard(letter.Id, Note));
        await Assert.ThrowsAsync<DeadLetterRefusedException>(() => letters.Edit(letter.Id, "{}"u8.ToArray(), Note));
        await Assert.ThrowsAsync<DeadLetterRefusedException>(() => letters.Replay(new DeadLetterQuery(), patch, Note));
        var simulated = await letters.Simulate(new DeadLetterQuery(), patch);
        fix.IsApplied = true;
        await letters.Retry(letter.Id, Note);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Contains("equal their streams", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, simulated.Fails);
        Assert.Equal(-1, (await inline.CreateReadModel(node.Host).Get("ada")).Value!.Crates);
    }

    [Fact]
    public async Task A_tool_simulates_dead_letters_of_a_rebuilt_read_model()
    {
        using var file = new ShopFile();
        await using var node = await TestNode.StartCargo(file.Open());
        await node.Append("cid", new Loaded("cid", 1));
        await node.Projections.RebuildBeside("cargo");
        await node.Append("cid", new Loaded("cid", -1));
        await node.WaitForDeadLetters(found => found.Any(letter => letter.Consumer == "cargo@1.2"));
        var model = Harbour.Register(new ModelBuilder()).Projection(Harbour.Cargo()).BuildCatalog();
        await using var store = await EventStore.Open(file.Open(), model.EventTypes);

        var simulated = await DeadLetters.Of(store, model).Simulate(new DeadLetterQuery { Consumer = "cargo@1.2" });

        var newer = Harbour.Register(new ModelBuilder()).Projection(Harbour.Cargo(version: 2)).BuildCatalog();
        var untried = await DeadLetters.Of(store, newer).Simulate(new DeadLetterQuery { Consumer = "cargo@1.2" });

        Assert.Equal((0, 1, 0), (simulated.Passes, simulated.Fails, simulated.Unknown));
        Assert.Contains("has 'cargo@2' and not 'cargo@1.2'", untried.DeadLetters[0].Error, StringComparison.Ordinal);
    }

    private static DeadLetter Parked(long position, StreamId stream) => new()
    {
        Consumer = Cargo,
        Position = position,
        Key = stream.Key,
        Stream = stream,
        Version = 1,
        EventType = "ship.loaded",
        EventId = Guid.CreateVersion7(),
        State = DeadLetterState.Parked,
    };

    private static ValueTask<long> Released(EventStore store) => store.Storage.DeadLetters.Count(
        new DeadLetterQuery { States = [DeadLetterState.Released] }, CancellationToken.None);

    private static async Task WaitForReleased(EventStore store, long count)
    {
        using var limit = new CancellationTokenSource(TestNode.WaitTimeout);
        while (await Released(store) < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
