using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of moves of a tenant that several nodes continue or cancel, and of movers that stop.</summary>
public sealed class TenantMoveConflictTests
{
    private const string Acme = "acme";

    public static TheoryData<ShardStorageKind> Kinds => TenantMoveApp.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_mover_that_another_call_has_overtaken_changes_nothing(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        foreach (var step in StepsFor(kind))
        {
            var tenant = "of-" + step;
            await app.One.Load(tenant, 3);
            var target = await app.OtherShardOf(tenant);
            Meanwhile(app.One, step, async () =>
            {
                await app.Other.Shards.MoveTenant(tenant, target);
                Assert.Equal(4, await TenantMoveApp.Load(app.Other, tenant, 1));
            });

            var overtaken = await Assert.ThrowsAsync<TenantMoveException>(
                () => app.One.Shards.MoveTenant(tenant, target));

            Assert.True(overtaken.IsTransient);
            Assert.Equal(target, await app.One.Shards.FindTenant(tenant));
            Assert.Equal(5, await TenantMoveApp.Load(app.One, tenant, 1));
            Assert.Empty(await app.One.Shards.ListTenantMoves());
        }
        await app.Verify();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_mover_whose_move_was_cancelled_does_not_switch(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 3);
        var crates = 3;
        var home = await app.One.Shards.FindTenant(Acme);
        var target = await app.OtherShardOf(Acme);
        foreach (var step in StepsFor(kind))
        {
            Meanwhile(app.One, step, async () =>
            {
                await app.Other.Shards.CancelTenantMove(Acme);
                Assert.Equal(++crates, await TenantMoveApp.Load(app.Other, Acme, 1));
            });

            await Assert.ThrowsAsync<TenantMoveException>(() => app.One.Shards.MoveTenant(Acme, target));

            Assert.Equal(home, await app.One.Shards.FindTenant(Acme));
            Assert.Equal(++crates, await TenantMoveApp.Load(app.One, Acme, 1));
            Assert.Empty(await app.One.Shards.ListTenantMoves());
        }
        await app.Verify();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_nodes_end_the_pause_of_a_mover_that_was_killed(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 3);
        var home = await app.One.Shards.FindTenant(Acme);
        var target = await app.OtherShardOf(Acme);

        await TenantMoveApp.MoveUntil(app.One, Acme, target, "fenced");
        ReleaseAfter(app, TimeSpan.FromMilliseconds(500));

        Assert.Equal(4, await TenantMoveApp.Load(app.Other, Acme, 1));
        Assert.Equal(5, await TenantMoveApp.Load(app.One, Acme, 1));
        Assert.Equal(home, await app.One.Shards.FindTenant(Acme));
        Assert.Equal(TenantMovePhase.Copying, (await app.One.Shards.ListTenantMoves())[0].Phase);
        ReleaseAfter(app, null);
        await app.Other.Shards.MoveTenant(Acme, target);
        Assert.Equal(6, await TenantMoveApp.Load(app.One, Acme, 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_nodes_complete_the_switch_of_a_mover_that_was_killed(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 3);
        var target = await app.OtherShardOf(Acme);

        await TenantMoveApp.MoveUntil(app.One, Acme, target, "switched");
        ReleaseAfter(app, TimeSpan.FromMilliseconds(300));

        Assert.Equal(4, await TenantMoveApp.Load(app.Other, Acme, 1));
        Assert.Equal(5, await TenantMoveApp.Load(app.One, Acme, 1));
        await Assert.ThrowsAsync<TenantMoveException>(() => app.One.Shards.CancelTenantMove(Acme));
        ReleaseAfter(app, null);
        await app.Other.Shards.MoveTenant(Acme, target);
        Assert.Equal(6, await TenantMoveApp.Load(app.One, Acme, 1));
        await app.Verify();
    }

    [Theory]
    [InlineData("switched", false, false)]
    [InlineData("switched", false, true)]
    [InlineData("left", true, false)]
    public async Task A_home_shard_that_was_restored_to_the_copy_loses_no_event(
        string step, bool hasLeft, bool isForgotten)
    {
        using var stores = await ShardTestStores.Create(ShardStorageKind.Files);
        var first = new ShardId("eu-1");
        string tenant;
        Document before, record;
        await using (var node = await stores.Start("eu-1", "eu-2"))
        {
            tenant = await FindTenantOf(node, "eu-2"); // Not the shard that is restored.
            await TenantMoveApp.MoveUntil(node, tenant, first, "copied");
            var home = node.Shards.StoreOf(first).Storage.Documents;
            before = (await home.Get("shard-assignments", tenant, CancellationToken.None))!;
            record = (await home.Get("shard-moves", tenant, CancellationToken.None))!;
            await TenantMoveApp.MoveUntil(node, tenant, first, step);
        }

        FieldValue[]? fields = isForgotten ? null : [];
        await Restore(stores, ("shard-assignments", before, ["eu-2", false]), ("shard-moves", record, fields));

        await using var next = await stores.Start("eu-1", "eu-2");
        next.Tenants.Moves!.ReleaseAfter = TimeSpan.FromMilliseconds(300);
        TenantMoveApp.MoverOf(next).NoticeTime = TimeSpan.Zero;
        if (hasLeft)
        {
            await Assert.ThrowsAsync<TenantMoveException>(() => next.Shards.CancelTenantMove(tenant));
            await next.Shards.MoveTenant(tenant, first);
        }
        else
            Assert.Equal(!isForgotten, await next.Shards.CancelTenantMove(tenant));
        Assert.Equal(2, await TenantMoveApp.Load(next, tenant, 1));
        Assert.Equal(hasLeft ? first : new ShardId("eu-2"), await next.Shards.FindTenant(tenant));
    }

    [Fact]
    public async Task A_pause_that_takes_too_long_ends_and_the_move_can_be_continued()
    {
        await using var app = await TenantMoveApp.Start(ShardStorageKind.Files);
        await app.One.Load(Acme, 3);
        var target = await app.OtherShardOf(Acme);
        TenantMoveApp.MoverOf(app.One).MaxPause = TimeSpan.FromTicks(1);

        var failed = await Assert.ThrowsAsync<TenantMoveException>(() => app.One.Shards.MoveTenant(Acme, target));

        Assert.Contains("MaxMovePause", failed.Message, StringComparison.Ordinal);
        Assert.Equal(4, await TenantMoveApp.Load(app.Other, Acme, 1));
        TenantMoveApp.MoverOf(app.One).MaxPause = TimeSpan.FromMinutes(1);
        await app.One.Shards.MoveTenant(Acme, target);
        Assert.Equal(5, await TenantMoveApp.Load(app.Other, Acme, 1));
    }

    [Fact]
    public async Task A_cancelled_move_lets_the_tenant_be_used_if_its_new_shard_is_not_available()
    {
        using var stores = await ShardTestStores.Create(ShardStorageKind.Files);
        await using var node = await stores.Start("eu-1", "eu-2");
        var tenant = await FindTenantOf(node, "eu-1");
        await TenantMoveApp.MoveUntil(node, tenant, new ShardId("eu-2"), "fenced");
        await using var other = await stores.Start("eu-1"); // It has no store for the new shard.

        await Assert.ThrowsAsync<ShardUnavailableException>(() => other.Shards.CancelTenantMove(tenant));

        Assert.Equal(2, await TenantMoveApp.Load(node, tenant, 1));
        Assert.Equal(TenantMovePhase.Cancelling, (await node.Shards.ListTenantMoves())[0].Phase);
        Assert.True(await node.Shards.CancelTenantMove(tenant));
        Assert.Empty(await node.Shards.ListTenantMoves());
    }

    [Fact]
    public async Task A_move_to_a_shard_that_is_not_available_is_refused()
    {
        using var stores = new ShardTestStores();
        await using var node = await stores.Start("eu-1", "eu-2");
        var tenant = await FindTenantOf(node, "eu-1");
        stores.MemoryOf("eu-2").Disconnect();
        await node.WaitUntil("eu-2", ShardState.Unavailable);

        await Assert.ThrowsAsync<ShardUnavailableException>(
            () => node.Shards.MoveTenant(tenant, new ShardId("eu-2")));

        Assert.Empty(await node.Shards.ListTenantMoves());
        Assert.Equal(2, await node.Load(tenant, 1));
    }

    [Fact]
    public async Task A_tenant_that_is_being_removed_does_not_move_and_one_that_moves_is_not_removed()
    {
        await using var app = await TenantMoveApp.Start(ShardStorageKind.Files);
        await app.One.Load(Acme, 3);
        var target = await app.OtherShardOf(Acme);
        await TenantMoveApp.MoveUntil(app.One, Acme, target, "recorded");

        var busy = await Assert.ThrowsAsync<StorageException>(
            async () => await app.Other.Tenants.Remove(new TenantId(Acme)));
        Assert.Equal(StorageProblem.Busy, busy.Problem);
        await app.Other.Shards.CancelTenantMove(Acme);
        Assert.True(await app.Other.Tenants.Remove(new TenantId(Acme)));
        await Assert.ThrowsAsync<TenantNotFoundException>(() => app.One.Shards.MoveTenant(Acme, target));
    }

    [Fact]
    public async Task A_move_that_the_restored_home_shard_has_forgotten_is_recorded_again()
    {
        using var stores = await ShardTestStores.Create(ShardStorageKind.Files);
        var first = new ShardId("eu-1");
        string tenant;
        Document before, record;
        await using (var node = await stores.Start("eu-1", "eu-2"))
        {
            tenant = await FindTenantOf(node, "eu-2"); // Not the shard that is restored.
            var home = node.Shards.StoreOf(first).Storage.Documents;
            before = (await home.Get("shard-assignments", tenant, CancellationToken.None))!;
            await TenantMoveApp.MoveUntil(node, tenant, first, "copied");
            record = (await home.Get("shard-moves", tenant, CancellationToken.None))!;
            TenantMoveApp.MoverOf(node).NoticeTime = TimeSpan.Zero;
            await node.Shards.MoveTenant(tenant, first);
        }

        await Restore(stores, ("shard-assignments", before, ["eu-2", false]));
        await using (var node = await stores.Start("eu-1", "eu-2"))
        {
            TenantMoveApp.MoverOf(node).NoticeTime = TimeSpan.Zero;
            await node.Shards.MoveTenant(tenant, first);
            Assert.Equal(2, await TenantMoveApp.Load(node, tenant, 1));
        }
        await Restore(stores, ("shard-assignments", before, ["eu-2", false]), ("shard-moves", record, []));
        await using (var node = await stores.Start("eu-1", "eu-2"))
        {
            await Assert.ThrowsAsync<TenantMoveException>(() => node.Shards.CancelTenantMove(tenant));
            TenantMoveApp.MoverOf(node).NoticeTime = TimeSpan.Zero;
            await node.Shards.MoveTenant(tenant, first);
            Assert.Equal(3, await TenantMoveApp.Load(node, tenant, 1));
            Assert.Empty(await node.Shards.ListTenantMoves());
        }
    }

    private static void ReleaseAfter(TenantMoveApp app, TimeSpan? limit)
    {
        foreach (var node in new[] { app.One, app.Other })
            node.Tenants.Moves!.ReleaseAfter = limit; // Set with shards.
    }

    private static string[] StepsFor(ShardStorageKind kind) => kind == ShardStorageKind.Files
        ? ["copied", "draining", "fenced", "verified", "completed"]
        : ["draining", "completed"];

    /// <summary>
    /// Writes earlier documents into the home shard, as a restore does. Removes those without fields.
    /// </summary>
    private static async Task Restore(
        ShardTestStores stores, params (string Collection, Document Before, FieldValue[]? Fields)[] documents)
    {
        await using var home = await stores.Open("eu-1");
        var changes = documents.Select(static one => new DocumentChange
        {
            Collection = one.Collection,
            Key = one.Before.Key,
            Body = one.Fields is null ? (ReadOnlyMemory<byte>?)null : one.Before.Body,
            Fields = one.Fields ?? [],
        });
        await home.Commit(
            new CommitRequest { Documents = [.. changes] }, isBackground: false, CancellationToken.None);
    }

    /// <summary>Runs an action in a move of a node after a step, once.</summary>
    private static void Meanwhile(ShardApp app, string step, Func<Task> action)
    {
        var mover = TenantMoveApp.MoverOf(app);
        mover.AfterStep = reached =>
        {
            if (reached != step)
                return;
            mover.AfterStep = static _ => { };
            Task.Run(action).GetAwaiter().GetResult();
        };
    }

    /// <summary>Loads a crate for new tenants until one is in a shard, and returns its name.</summary>
    private static async Task<string> FindTenantOf(ShardApp app, string shard)
    {
        for (var i = 0; ; i++)
        {
            await app.Load($"t{i}", 1);
            if (await app.Shards.FindTenant($"t{i}") == new ShardId(shard))
                return $"t{i}";
        }
    }
}
