using System.Globalization;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>
/// Moves tenants with random histories, also with interruptions, and compares everything that they contain.
/// </summary>
public sealed class TenantMoveHistoryTests
{
    private const string Acme = "acme";
    private const int Moves = 3;
    private const int OperationsPerMove = 14;

    private static readonly string[] Ships = ["ada", "bee", "cod", "dab"];
    private static readonly string[] Steps = ["recorded", "copied", "draining", "fenced", "verified", "completed"];

    public static TheoryData<ShardStorageKind, int> Histories
    {
        get
        {
            var all = new TheoryData<ShardStorageKind, int>();
            foreach (var kind in TenantMoveApp.Storages)
            {
                for (var seed = 1; seed <= (kind == ShardStorageKind.Files ? 4 : 2); seed++)
                    all.Add(kind, seed);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Histories))]
    public async Task A_tenant_contains_the_same_after_each_move(ShardStorageKind kind, int seed)
    {
        var random = new Random(seed);
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme, 1);
        for (var move = 0; move < Moves; move++)
        {
            for (var i = 0; i < OperationsPerMove; i++)
                await TenantMoveApp.Repeat(app.One, Acme, scope => Change(scope.Store, random));
            var before = await TenantMoveApp.Repeat(app.One, Acme, Describe);
            var target = await app.OtherShardOf(Acme);
            if (random.Next(2) == 0)
            {
                await TenantMoveApp.MoveUntil(app.One, Acme, target, Steps[random.Next(Steps.Length)]);
                if (random.Next(3) == 0)
                    await app.Other.Shards.CancelTenantMove(Acme);
            }
            await app.Other.Shards.MoveTenant(Acme, target);
            Assert.Equal(before, await TenantMoveApp.Repeat(app.Other, Acme, Describe));
        }
        await app.Verify();
    }

    private static async Task<bool> Change(EventStore store, Random random)
    {
        var stream = Harbour.StreamOf(Ships[random.Next(Ships.Length)]);
        var info = await store.GetStream(stream);
        if (info?.State == StreamState.Closed)
            return false;
        switch (random.Next(12))
        {
            case 0 when info is { State: StreamState.Open, Version: > 1 }:
                await store.Truncate(stream, random.NextInt64(2, info.Version + 1), "old");
                break;
            case 1 when info is { State: StreamState.Open }:
                await store.Delete(stream, ExpectedVersion.Any, "wrong");
                break;
            case 2 when info is { State: StreamState.Open } && random.Next(3) == 0:
                await store.Tombstone(stream, ExpectedVersion.Any, "closed");
                break;
            case 3:
                await Commit(store, new CommitRequest { Claims = [await ChangeOfClaim(store, random)] });
                break;
            case 4:
                var id = random.Next(1_000_000).ToString(CultureInfo.InvariantCulture);
                var mark = new HandledMark("load", id, "done"u8.ToArray(), DateTimeOffset.UtcNow.AddDays(1));
                await Commit(store, new CommitRequest { Handled = [mark] });
                break;
            default:
                var events = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (object)new Loaded(stream.Key, 1));
                await store.Append(stream, ExpectedVersion.Any, [.. events]);
                break;
        }
        return true;
    }

    private static async Task<Claim> ChangeOfClaim(EventStore store, Random random)
    {
        var value = $"{random.Next(3)}@example.org";
        return await store.FindClaim("email", value) is { } owner
            ? Claim.Release("email", value, owner)
            : Claim.Acquire("email", value, $"user-{random.Next(100)}");
    }

    private static Task<CommitOutcome> Commit(EventStore store, CommitRequest request) =>
        store.Commit(request, isBackground: false, CancellationToken.None);

    private static async Task<string> Describe(TenantScope scope)
    {
        var store = scope.Store;
        var lines = new List<string>();
        await foreach (var one in store.ReadLog(EventFilter.All))
            lines.Add(string.Create(
                CultureInfo.InvariantCulture, $"{one.Stream}/{one.Version} {one.Id} {one.Type} {one.Timestamp:O}"));
        foreach (var ship in Ships)
        {
            lines.Add($"{await store.GetStream(Harbour.StreamOf(ship))}");
            var cargo = await scope.ReadModel<string, Cargo>().Get(ship, await store.GetToken());
            lines.Add($"{cargo.Value}");
        }
        for (var i = 0; i < 3; i++)
            lines.Add($"{i}: {await store.FindClaim("email", $"{i}@example.org")}");
        var handled = await store.Storage.Log.ListHandled(after: null, 1_000, CancellationToken.None);
        lines.AddRange((handled ?? []).Select(static one => one.Id).Order(StringComparer.Ordinal));
        return string.Join('\n', lines);
    }
}
