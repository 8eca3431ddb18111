using Millrace.Projecting;

namespace Millrace.Tests;

/// <summary>Tests that a node without consumers never reads an older state than before, even during a switch.</summary>
public sealed class MonotonicReadTests
{
    private const string First = "cargo@1";
    private const string Second = "cargo@1.2";

    [Theory]
    [StoreKinds]
    public async Task Documents_of_the_previous_version_stay_visible_until_the_new_version_has_them(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var worker = await TestNode.StartCargo(store.Open());
        await using var reader = await StartReader(store, TestNode.WaitTimeout);
        var (_, token) = await SwitchAndAdvancePrevious(worker, reader);

        await reader.Host.Store.ReadModels.Refresh(CancellationToken.None);
        var withoutToken = await reader.Cargo.Get("ada");
        var byToken = await reader.Cargo.Get("ada", token);
        var none = await reader.Cargo.Get("bea");
        var count = await reader.Cargo.Count([]);
        await worker.Consumers.Resume(Second);
        Assert.True(await worker.Consumers.WaitFor(Second, token, TestNode.WaitTimeout));
        await worker.Projections.DropKept("cargo");
        var later = await reader.Cargo.Get("ada", token);

        Assert.Equal((5, 5, true), (withoutToken.Value?.Changes, byToken.Value?.Changes, byToken.IsFresh));
        Assert.Equal((null, 1), (none.Value, count.Value)); // The ship was scrapped before this read.
        Assert.Equal((5, true), (later.Value?.Changes, later.IsFresh));
    }

    [Theory]
    [StoreKinds]
    public async Task A_read_waits_for_the_new_version_when_the_previous_one_was_dropped(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var worker = await TestNode.StartCargo(store.Open());
        await using var reader = await StartReader(store, TestNode.WaitTimeout);
        await SwitchAndAdvancePrevious(worker, reader);
        await worker.Projections.DropKept("cargo");

        var reading = reader.Cargo.Get("ada").AsTask();
        await worker.Consumers.Resume(Second);

        Assert.Equal(5, (await reading.WaitAsync(TestNode.WaitTimeout)).Value?.Changes);
    }

    [Theory]
    [StoreKinds]
    public async Task A_read_that_waits_too_long_is_reported_as_stale(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var worker = await TestNode.StartCargo(store.Open());
        await using var reader = await StartReader(store, TimeSpan.FromMilliseconds(50));
        var (before, token) = await SwitchAndAdvancePrevious(worker, reader);
        await worker.Projections.DropKept("cargo");

        // Both results reflect the token of the read, but are older than the state that the reader has already
        // returned.
        var late = await reader.Cargo.Get("ada", before);
        var page = await reader.Cargo.Query(new ReadQuery(), before);
        await worker.Consumers.Resume(Second);
        Assert.True(await worker.Consumers.WaitFor(Second, token, TestNode.WaitTimeout));
        var again = await reader.Cargo.Get("ada", before);

        Assert.Equal((3, false), (late.Value?.Changes, late.IsFresh));
        Assert.Equal((2, false), (page.Items.Count, page.Freshness.IsFresh));
        Assert.True(late.Freshness.LagEvents >= 2, late.Freshness.ToString());
        Assert.Equal((5, true), (again.Value?.Changes, again.IsFresh));
    }

    [Theory]
    [StoreKinds]
    public async Task After_a_storage_failure_a_new_version_does_not_read_its_unfinished_build(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var old = await TestNode.StartCargo(store.Open());
        var token = await old.Append("ada", new Loaded("ada", 1));
        Assert.True(await old.Consumers.WaitFor(First, token, TestNode.WaitTimeout));
        var storage = new FaultyStorage(store.Open());
        var version = Harbour.Cargo(version: 2, create: static () => new DoubleCountingProjection());
        await using var other = await TestNode.Start(
            storage, host => TestNode.Add(host, version), options => options.SwitchBuilds = BuildSwitch.Manual);
        var model = version.CreateReadModel(other.Host);
        storage.BeforeDocuments = name =>
        {
            if (name is not (nameof(Storage.IDocumentStorage.Get) or nameof(Storage.IDocumentStorage.GetWithProgress)))
                return;
            storage.BeforeDocuments = null;
            throw FaultyStorage.Unavailable();
        };

        await Assert.ThrowsAsync<Storage.StorageException>(() => model.Get("ada").AsTask());
        var read = await model.Get("ada", token);

        Assert.Equal((1, true), (read.Value?.Crates, read.IsFresh));
    }

    [Theory]
    [StoreKinds]
    public async Task During_writes_and_switches_no_read_returns_an_older_document_than_before(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var worker = await TestNode.StartCargo(store.Open());
        await using var reader = await TestNode.Start(
            store.Open(), host => TestNode.Add(host, Harbour.Cargo()), options => options.IsEnabled = false);
        var token = await worker.Append("ada", new Loaded("ada", 1));
        Assert.True((await reader.Cargo.Get("ada", token)).IsFresh);
        using var stop = new CancellationTokenSource();
        var working = Task.WhenAll(
            Write(worker, stop.Token), ReadRepeatedly(reader, stop.Token), ReadRepeatedly(reader, stop.Token));

        for (var round = 0; round < 3; round++)
        {
            await worker.Projections.RebuildBeside("cargo").WaitAsync(TestNode.WaitTimeout);
            await worker.Projections.SwitchBack("cargo", TestNode.WaitTimeout);
            await worker.Projections.DropKept("cargo");
        }
        await stop.CancelAsync();
        await working;
    }

    /// <summary>
    /// Rebuilds and switches the read model. Then only the previous collection advances. The reader still uses that
    /// collection, because it has not received the switch.
    /// </summary>
    private static async Task<(ConsistencyToken Before, ConsistencyToken Shown)> SwitchAndAdvancePrevious(
        TestNode worker, TestNode reader)
    {
        await worker.Append("bea", new Loaded("bea", 1));
        ConsistencyToken before = default;
        for (var i = 0; i < 3; i++)
            before = await worker.Append("ada", new Loaded("ada", 1));
        // The reader may have a shorter timeout.
        Assert.True(await worker.Consumers.WaitFor(First, before, TestNode.WaitTimeout));
        Assert.Equal(3, (await reader.Cargo.Get("ada", before)).Value?.Changes);
        await worker.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        await worker.Projections.Switch("cargo", TestNode.WaitTimeout);
        await worker.WaitUntil(Second, status => status.LagEvents == 0);
        await worker.PauseAndWait(Second);
        await worker.Append("bea", new Scrapped("bea"));
        await worker.Append("ada", new Loaded("ada", 1));
        var token = await worker.Append("ada", new Loaded("ada", 1));
        Assert.True(await worker.Consumers.WaitFor(First, token, TestNode.WaitTimeout));
        Assert.Equal(5, (await reader.Cargo.Get("ada")).Value?.Changes);
        Assert.Null((await reader.Cargo.Get("bea")).Value);
        return (before, token);
    }

    private static async Task<TestNode> StartReader(SharedStore store, TimeSpan readTimeout)
    {
        var listings = 0;
        var storage = new FaultyStorage(store.Open())
        {
            BeforeDocuments = name =>
            {
                if (name == nameof(Storage.IDocumentStorage.ListReadModels))
                    Interlocked.Increment(ref listings);
            },
        };
        var node = await TestNode.Start(storage, host => TestNode.Add(host, Harbour.Cargo()), options =>
        {
            (options.IsEnabled, options.ReadTimeout) = (false, readTimeout);
            (options.LookEvery, options.LeaseDuration) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
        });
        // The node reads the catalogue at its start and once more. Then it does not read the catalogue for a minute.
        await Millrace.Testing.Eventually.Until(() => Volatile.Read(ref listings) >= 2, TestNode.WaitTimeout);
        await ((RebuildCoordinator)node.Host.CompanionService!).RunOnce(CancellationToken.None);
        return node;
    }

    private static async Task Write(TestNode node, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await node.Append("ada", new Loaded("ada", 1));
            await Task.Yield();
        }
    }

    private static async Task ReadRepeatedly(TestNode node, CancellationToken stop)
    {
        var seen = 0;
        while (!stop.IsCancellationRequested)
        {
            var changes = (await node.Cargo.Get("ada", default, CancellationToken.None)).Value?.Changes ?? 0;
            Assert.True(changes >= seen, $"The document went back from {seen} to {changes} changes.");
            seen = changes;
            await Task.Yield();
        }
    }
}
