using Millrace.Consuming;
using Millrace.Materializing;
using Millrace.Storage;

namespace Millrace.Tests.Materializing;

/// <summary>Tests immediate views while the storage fails.</summary>
public sealed class ImmediateStorageFaultTests
{
    public static TheoryData<StoreKind, bool> Faults
    {
        get
        {
            var all = new TheoryData<StoreKind, bool>();
            foreach (var kind in SharedStore.All)
            {
                all.Add(kind, false);
                all.Add(kind, true);
            }
            return all;
        }
    }

    [Theory]
    [StoreKinds]
    public async Task A_read_that_fails_once_does_not_invalidate_the_rows(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var collection = (await node.State()).Live?.Collection;
        var faults = 2;
        node.Storage.BeforeDocuments = name =>
        {
            if (name == nameof(IDocumentStorage.GetMany) && faults > 0 && faults-- > 0)
                throw FaultyStorage.Unavailable();
        };

        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 1)));

        Assert.Equal((0, collection), (faults, (await node.State()).Live?.Collection));
        Assert.All(await node.Views.List(), static view => Assert.Null(view.Error));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Commits_that_fail_do_not_invalidate_the_rows(StoreKind kind, bool isInDoubt)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var collection = (await node.State()).Live?.Collection;
        var (faults, fault) = (3, isInDoubt ? CommitFault.InDoubt : CommitFault.Before);
        node.Storage.FaultOf = request => IsOfViews(request) && faults > 0 && faults-- > 0 ? fault : CommitFault.None;

        for (var crates = 1; crates <= 3; crates++)
            await node.RequireRightRows(await node.Append("ada", new Loaded("ada", crates)));

        Assert.Equal((0, collection), (faults, (await node.State()).Live?.Collection));
    }

    [Theory]
    [StoreKinds]
    public async Task Commits_of_a_build_whose_outcome_is_unknown_are_not_applied_twice(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var former = await ImmediateNode.Start(shared, hasViews: false))
        {
            token = await former.Append(
                "all", [.. Enumerable.Range(0, 40).Select(static i => new Loaded($"a{i:00}", i))]);
            await former.Cargo.Get("a00", token);
        }
        var storage = new FaultyStorage(shared.Open());
        var (commits, faults) = (0, 0);
        storage.FaultOf = request =>
            IsOfViews(request) && ++commits % 3 == 0 && faults++ < 6 ? CommitFault.InDoubt : CommitFault.None;

        await using var node = await ImmediateNode.Start(
            shared, storage: storage, configure: static options => options.CommitDocuments = 10);
        await node.RequireRightRows(token);

        Assert.True(faults > 2, $"{commits} commits");
    }

    [Theory]
    [StoreKinds]
    public async Task Rows_that_a_run_did_not_load_are_not_taken_for_complete(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var former = (await node.State()).Live?.Collection;
        var damaged = new DocumentChange
        {
            Collection = ViewStore.Collection,
            Key = await node.RecordKey(),
            Body = "{"u8.ToArray(),
        };
        await node.Store.Commit(
            new CommitRequest { Documents = [damaged] }, isBackground: false, CancellationToken.None);
        var hasEnded = false;
        node.Storage.FaultOf = request => !IsOfViews(request) || hasEnded
            ? CommitFault.None
            : throw EndRun(out hasEnded); // The next run has the same lease, and cannot load the view.

        var token = await node.Append("ada", new Loaded("ada", 1));
        await node.Cargo.Get("ada", token);
        var old = await node.Ships.Get("ada", new ReadAfter(token, TimeSpan.Zero));
        await node.Views.Drop("loaded-ships");
        await node.RequireRightRows(token);

        Assert.True(hasEnded);
        Assert.Equal((4, false), (old.Value?.Crates, old.Freshness.IsFresh));
        Assert.NotEqual(former, (await node.State()).Live?.Collection);
    }

    private static DeadLetterConflictException EndRun(out bool hasEnded)
    {
        hasEnded = true;
        return new DeadLetterConflictException("cargo@1", 1, "ada");
    }

    private static bool IsOfViews(CommitRequest request) =>
        request.Checkpoint is not null
        && request.Documents.Any(static change => change.Collection == FollowerStates.Collection);
}
