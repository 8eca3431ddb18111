using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests the dead letters of an application whose streams are in several shards.</summary>
public sealed class ShardedDeadLetterTests
{
    private static readonly DeadLetterNote Note = new("ada", "because");

    [Fact]
    public async Task Lists_contain_the_dead_letters_of_all_shards_in_pages()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2", "eu-3");
        await FailIn(app, "eu-1", "eu-2", "eu-3");
        var letters = LettersOf(app);

        var all = await letters.List(new DeadLetterQuery());
        var pages = new List<DeadLetter>();
        while (await letters.List(new DeadLetterQuery { Limit = 2, After = pages.LastOrDefault()?.Id ?? 0 })
            is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 2);
            pages.AddRange(page);
        }
        var groups = await letters.ListGroups();

        Assert.Equal(["eu-1", "eu-1", "eu-2", "eu-2", "eu-3", "eu-3"], all.Select(letter => letter.Shard));
        Assert.Equal(all.Select(letter => letter.Id), pages.Select(letter => letter.Id));
        Assert.Equal(6, all.Select(letter => letter.Id).Distinct().Count());
        Assert.Equal(["eu-1", "eu-2", "eu-3"], groups.Select(group => group.Shard));
        Assert.Equal(6, await letters.Count(new DeadLetterQuery()));
        Assert.Equal(2, await letters.Count(new DeadLetterQuery { Shard = "eu-2" }));
        var ofOne = await app.Shards.DeadLettersOf(new ShardId("eu-2")).List(new DeadLetterQuery());
        Assert.Equal(all[2].Id, ofOne[0].Id);
        Assert.True(all.All(letter => letter.Id < 1L << 53)); // JavaScript reads larger numbers inexactly.
    }

    [Fact]
    public async Task A_decision_is_stored_in_the_shard_of_the_dead_letter()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        var ships = await FailIn(app, "eu-1", "eu-2");
        var letters = LettersOf(app);
        var failed = await Parked(letters, "eu-2");

        var view = await letters.Show(failed.Id);
        var blocked = await Assert.ThrowsAsync<DeadLetterRefusedException>(
            () => letters.Skip(view.Waiting[0].Id, Note));
        var decided = await letters.Skip(failed.Id, Note);
        var isDone = await letters.WaitUntilDone(
            new DeadLetterQuery { Consumer = "cargo@1", Key = ships["eu-2"] }, TestNode.WaitTimeout);

        Assert.Equal((ships["eu-2"], "eu-2", 1), (view.Event!.Stream.Key, view.DeadLetter.Shard, view.WaitingCount));
        Assert.Contains($"waits for dead letter {failed.Id}.", blocked.Message, StringComparison.Ordinal);
        Assert.Equal((failed.Id, "eu-2", "ada"), (decided.Id, decided.Shard, decided.User));
        Assert.True(isDone);
        Assert.Equal(2, await letters.Count(new DeadLetterQuery { Shard = "eu-1", States = DeadLetter.OpenStates }));
        Assert.Equal(0, await Decisions(app, "eu-1"));
        Assert.Equal(1, await Decisions(app, "eu-2"));
        Assert.Equal(3, (await app.Cargo.Get(ships["eu-2"], await app.Store.GetToken())).Value!.Crates);
    }

    [Fact]
    public async Task A_replay_decides_in_all_shards_and_continues_after_a_page()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await FailIn(app, "eu-1", "eu-2");
        var letters = LettersOf(app);
        var query = new DeadLetterQuery { Consumer = "cargo@1" };

        var first = await letters.Replay(
            query, DeadLetterAction.Skip, Note, new DeadLetterReplayOptions { Limit = 1 });
        var second = await letters.Replay(query with { After = first.Last }, DeadLetterAction.Skip, Note);

        Assert.Equal((1, 1), (first.Decided, second.Decided));
        Assert.True(second.Last > first.Last);
        Assert.True(await letters.WaitUntilDone(query, TestNode.WaitTimeout));
    }

    [Fact]
    public async Task A_replay_that_fails_in_a_shard_reports_the_shards_that_it_changed()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await FailIn(app, "eu-1", "eu-2");
        stores.MemoryOf("eu-2").FaultOf = request =>
            request.DeadLetters.Count > 0 && request.Checkpoint is null ? CommitFault.Refused : CommitFault.None;

        var partly = await Assert.ThrowsAsync<ShardsPartlyChangedException>(() => LettersOf(app).Replay(
            new DeadLetterQuery { Consumer = "cargo@1" }, DeadLetterAction.Skip, Note));

        Assert.Equal(["eu-1"], partly.Changed);
        Assert.Equal("eu-2", partly.Failed);
        Assert.Equal((1, 0), (await Decisions(app, "eu-1"), await Decisions(app, "eu-2")));
    }

    [Fact]
    public async Task Queries_that_no_shard_can_answer_are_refused()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        var letters = LettersOf(app);

        var unknown = await Assert.ThrowsAsync<ShardNotFoundException>(
            async () => await letters.List(new DeadLetterQuery { Shard = "eu-9" }));
        await Assert.ThrowsAsync<NotAcrossShardsException>(
            async () => await letters.List(new DeadLetterQuery { AfterPosition = 3 }));
        await Assert.ThrowsAsync<DeadLetterNotFoundException>(async () => await letters.Show(1));
        await Assert.ThrowsAsync<DeadLetterNotFoundException>(() => letters.Skip(7_000_000_000_001, Note));

        Assert.Equal(["eu-1", "eu-2"], unknown.Known);
    }

    [Fact]
    public async Task An_unavailable_shard_is_named_and_the_others_can_be_selected()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await FailIn(app, "eu-1", "eu-2");
        var letters = LettersOf(app);

        stores.MemoryOf("eu-2").Disconnect();
        await app.WaitUntil("eu-2", ShardState.Unavailable);
        var listed = await Assert.ThrowsAsync<ShardUnavailableException>(
            async () => await letters.List(new DeadLetterQuery()));
        await Assert.ThrowsAsync<ShardUnavailableException>(() => letters.Replay(
            new DeadLetterQuery { Consumer = "cargo@1" }, DeadLetterAction.Skip, Note));

        Assert.Equal("eu-2", listed.Shard.Value);
        Assert.Equal(0, await Decisions(app, "eu-1"));
        Assert.Equal(2, (await letters.List(new DeadLetterQuery { Shard = "eu-1" })).Count);
    }

    /// <summary>
    /// Appends an event that fails, and one that waits for it, in each shard. Returns one ship of each shard.
    /// </summary>
    private static async Task<Dictionary<string, string>> FailIn(ShardedHarbour app, params string[] shards)
    {
        var ships = await app.ShipsOf(shards);
        foreach (var ship in ships.Values)
        {
            await app.Append(ship, new Loaded(ship, -1));
            await app.Append(ship, new Loaded(ship, 2));
        }
        var letters = LettersOf(app);
        foreach (var shard in shards)
            await Parked(letters, shard);
        await Eventually.Get(
            async () => await letters.Count(new DeadLetterQuery()), count => count == 2 * shards.Length);
        return ships;
    }

    private static async Task<DeadLetter> Parked(DeadLetters letters, string shard)
    {
        var query = new DeadLetterQuery { Shard = shard, States = [DeadLetterState.Parked] };
        return (await Eventually.Get(async () => await letters.List(query), found => found.Count == 1))[0];
    }

    private static async Task<int> Decisions(ShardedHarbour app, string shard) =>
        await app.Shards.StoreOf(new ShardId(shard)).ReadStream(new StreamId("$dead-letters")).CountAsync();

    private static DeadLetters LettersOf(ShardedHarbour app) => app.Services.GetRequiredService<DeadLetters>();
}
