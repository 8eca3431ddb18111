using System.Collections.Concurrent;
using System.Globalization;
using Millrace.Storage;
using Millrace.Testing;
using Xunit.Abstractions;

namespace Millrace.Tests;

/// <summary>Tests of moving tenants between shards.</summary>
public sealed class TenantMoveTests(ITestOutputHelper output)
{
    private const string Acme = "acme";
    private const int AfterMove = 5; // The writes of each node.

    public static TheoryData<ShardStorageKind> Kinds => TenantMoveApp.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_tenant_moves_while_two_nodes_write_and_loses_nothing(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 1);
        await app.Other.Load("neighbour", 1);
        var target = await app.OtherShardOf(Acme);
        var written = new ConcurrentBag<(Guid Id, string Ship)>();
        using var moved = new CancellationTokenSource();
        async Task Write(ShardApp node, string ship)
        {
            var rest = AfterMove;
            while (!moved.IsCancellationRequested || rest-- > 0)
            {
                var id = Guid.CreateVersion7();
                await TenantMoveApp.LoadUntilDone(node, Acme, ship, id);
                written.Add((id, ship));
            }
        }

        void WaitForWrites(int more)
        {
            var until = written.Count + more;
            Task.Run(() => Eventually.Until(() => written.Count >= until)).GetAwaiter().GetResult();
        }

        var writers = Task.WhenAll(Task.Run(() => Write(app.One, "bee")), Task.Run(() => Write(app.Other, "cod")));
        // The copy must include events that are written during the move.
        TenantMoveApp.MoverOf(app.One).AfterStep = step =>
        {
            if (step is "recorded" or "copied")
                WaitForWrites(5);
        };
        var report = await app.One.Shards.MoveTenant(Acme, target);
        await moved.CancelAsync();
        await writers;

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}: pause {report.Pause.TotalMilliseconds:0} ms, {report.Events} events"));
        Assert.Equal(target, await app.Other.Shards.FindTenant(Acme));
        Assert.InRange(report.Events, 11, written.Count + 1 - (2 * AfterMove));
        var events = await TenantMoveApp.EventsOf(app.Other, Acme);
        Assert.Equal(written.Select(static one => one.Id).Order(), events.Skip(1).Select(static one => one.Id).Order());
        foreach (var stream in events.GroupBy(static one => one.Stream))
        {
            Assert.Equal(
                Enumerable.Range(1, stream.Count()).Select(static i => (long)i),
                stream.Select(static one => one.Version));
        }
        foreach (var node in new[] { app.One, app.Other })
        {
            foreach (var ship in new[] { "bee", "cod" })
                Assert.Equal(
                    written.Count(one => one.Ship == ship), await TenantMoveApp.CratesOf(node, Acme, ship));
        }
        Assert.Equal(2, await TenantMoveApp.Load(app.One, "neighbour", 1));
        Assert.Empty(await app.One.Shards.ListTenantMoves());
        await app.Verify();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_interrupted_move_continues_on_another_node(ShardStorageKind kind)
    {
        string[] steps = kind == ShardStorageKind.Files
            ?
            [
                "recorded", "copied", "draining", "fenced", "verified", "completed", "switched", "left", "arrived",
                "removed",
            ]
            : ["copied", "fenced", "switched", "removed"];
        await using var app = await TenantMoveApp.Start(kind);
        foreach (var step in steps)
        {
            var tenant = "of-" + step;
            await app.One.Load(tenant, 3);
            var target = await app.OtherShardOf(tenant);
            TenantMoveApp.MoverOf(app.One).AfterStep = reached =>
                _ = reached == step ? throw new InvalidOperationException(step) : 0;
            await Assert.ThrowsAsync<InvalidOperationException>(() => app.One.Shards.MoveTenant(tenant, target));
            Assert.Single(await app.Other.Shards.ListTenantMoves());

            await app.Other.Shards.MoveTenant(tenant, target);

            Assert.Equal(target, await app.One.Shards.FindTenant(tenant));
            Assert.Empty(await app.Other.Shards.ListTenantMoves());
            Assert.Equal(5, await TenantMoveApp.Load(app.One, tenant, 2));
            Assert.Equal(6, await TenantMoveApp.Load(app.Other, tenant, 1));
        }
        await app.Verify();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_cancelled_move_leaves_the_tenant_and_can_be_repeated(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 3);
        var home = await app.One.Shards.FindTenant(Acme);
        var target = await app.OtherShardOf(Acme);
        string[] steps = kind == ShardStorageKind.Files ? ["copied", "fenced", "completed"] : ["completed"];
        foreach (var step in steps)
        {
            TenantMoveApp.MoverOf(app.One).AfterStep = reached =>
                _ = reached == step ? throw new InvalidOperationException(step) : 0;
            await Assert.ThrowsAsync<InvalidOperationException>(() => app.One.Shards.MoveTenant(Acme, target));

            Assert.True(await app.Other.Shards.CancelTenantMove(Acme));

            Assert.Equal(home, await app.One.Shards.FindTenant(Acme));
            Assert.False(await app.Other.Shards.CancelTenantMove(Acme));
        }
        TenantMoveApp.MoverOf(app.One).AfterStep = static _ => { };
        Assert.Equal(4, await TenantMoveApp.Load(app.Other, Acme, 1));
        await app.One.Shards.MoveTenant(Acme, target);
        Assert.Equal(5, await TenantMoveApp.Load(app.Other, Acme, 1));
        await app.Verify();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_tenant_keeps_its_data_when_it_moves_and_returns(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 3);
        var home = (await app.One.Shards.FindTenant(Acme))!.Value;
        var target = await app.OtherShardOf(Acme);
        await using (var scope = await app.One.Tenants.Enter(new TenantId(Acme)))
            await FillStreams(scope.Store);
        var before = await TenantMoveApp.EventsOf(app.One, Acme);

        await app.One.Shards.MoveTenant(Acme, target);
        var moved = await TenantMoveApp.EventsOf(app.Other, Acme);
        await app.Other.Shards.MoveTenant(Acme, home);
        var returned = await TenantMoveApp.EventsOf(app.One, Acme);

        Assert.Equal(before.Select(Describe), moved.Select(Describe));
        Assert.Equal(before.Select(Describe), returned.Select(Describe));
        await using (var scope = await app.Other.Tenants.Enter(new TenantId(Acme)))
            await CheckStreams(scope.Store);
        Assert.Equal(4, await TenantMoveApp.Load(app.Other, Acme, 1));
        await app.Verify();
    }

    [Fact]
    public async Task A_token_from_before_the_move_is_not_reported_as_reached()
    {
        await using var app = await TenantMoveApp.Start(ShardStorageKind.Files);
        ConsistencyToken before;
        await app.One.Load(Acme, 3);
        await using (var scope = await app.One.Tenants.Enter(new TenantId(Acme)))
            before = await scope.Store.GetToken();

        await app.One.Shards.MoveTenant(Acme, await app.OtherShardOf(Acme));

        await using var moved = await app.One.Tenants.Enter(new TenantId(Acme));
        var cargo = await moved.ReadModel<string, Cargo>().Get("ada", before);
        Assert.False(cargo.IsFresh);
        Assert.Equal(3, cargo.Value!.Crates); // The read model has the document.
    }

    [Fact]
    public async Task A_scope_from_before_the_move_gets_a_retryable_error()
    {
        await using var app = await TenantMoveApp.Start(ShardStorageKind.Files);
        await app.One.Load(Acme, 3);
        await using var scope = await app.Other.Tenants.Enter(new TenantId(Acme));

        await app.One.Shards.MoveTenant(Acme, await app.OtherShardOf(Acme));

        var refused = await Assert.ThrowsAsync<TenantMovingException>(() => scope.Store.Append(
            Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 1)]));
        Assert.True(refused.IsTransient);
        Assert.Equal(4, await TenantMoveApp.Load(app.Other, Acme, 1));
    }

    [Fact]
    public async Task Moves_that_are_not_possible_are_refused_before_anything_is_written()
    {
        await using var app = await TenantMoveApp.Start(ShardStorageKind.Files);
        await app.One.Load(Acme, 3);
        var home = (await app.One.Shards.FindTenant(Acme))!.Value;

        await Assert.ThrowsAsync<TenantMoveException>(() => app.One.Shards.MoveTenant(Acme, home));
        await Assert.ThrowsAsync<TenantMoveException>(() => app.One.Shards.MoveTenant(Acme, new ShardId("other")));
        await Assert.ThrowsAsync<TenantNotFoundException>(
            () => app.One.Shards.MoveTenant("unknown", new ShardId("eu-2")));
        Assert.Empty(await app.One.Shards.ListTenantMoves());
        using var memory = new ShardTestStores();
        await using var inMemory = await memory.Start("eu-1", "eu-2");
        await inMemory.Load(Acme, 1);
        var other = await inMemory.Shards.FindTenant(Acme) == new ShardId("eu-1") ? "eu-2" : "eu-1";
        await Assert.ThrowsAsync<TenantMoveException>(() => inMemory.Shards.MoveTenant(Acme, new ShardId(other)));
    }

    private static string Describe(RecordedEvent one) => string.Create(
        CultureInfo.InvariantCulture,
        $"{one.Stream}/{one.Version} {one.Id} {one.Type} {one.Timestamp:O} {one.Metadata.UserId}");

    private static async Task FillStreams(EventStore store)
    {
        for (var i = 0; i < 4; i++)
        {
            foreach (var ship in new[] { "cut", "gone", "again", "shut" })
                await store.Append(
                    Harbour.StreamOf(ship), ExpectedVersion.Any, [new Loaded(ship, 1)]);
        }
        await store.Truncate(Harbour.StreamOf("cut"), 3, "old");
        await store.Delete(Harbour.StreamOf("gone"), ExpectedVersion.Any, "wrong");
        await store.Delete(Harbour.StreamOf("again"), ExpectedVersion.Any, "restart");
        await store.Append(Harbour.StreamOf("again"), ExpectedVersion.Any, [new Loaded("again", 7)]);
        await store.Tombstone(Harbour.StreamOf("shut"), ExpectedVersion.Any, "closed");
        await store.Commit(
            new CommitRequest
            {
                Claims = [Claim.Acquire("email", "a@example.org", "user-1")],
                Handled = [new HandledMark("load", "key-1", "done"u8.ToArray(), DateTimeOffset.UtcNow.AddDays(1))],
            },
            isBackground: false,
            CancellationToken.None);
    }

    private static async Task CheckStreams(EventStore store)
    {
        Assert.Equal(
            new StreamInfo(Harbour.StreamOf("cut"), 4, 3, StreamState.Open),
            await store.GetStream(Harbour.StreamOf("cut")));
        Assert.Equal(StreamState.Deleted, (await store.GetStream(Harbour.StreamOf("gone")))!.State);
        Assert.Equal(
            new StreamInfo(Harbour.StreamOf("again"), 5, 5, StreamState.Open),
            await store.GetStream(Harbour.StreamOf("again")));
        Assert.Equal(StreamState.Closed, (await store.GetStream(Harbour.StreamOf("shut")))!.State);
        Assert.Equal("user-1", await store.FindClaim("email", "a@example.org"));
        var handled = await store.Storage.Log.FindHandled("load", "key-1", CancellationToken.None);
        Assert.Equal("done"u8.ToArray(), handled!.Answer.ToArray());
    }
}
