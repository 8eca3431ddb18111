using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests of read models that are rebuilt in place, and of concurrent readers.</summary>
public sealed class InPlaceRebuildTests
{
    private const string Cargo = "cargo@1";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_model_that_is_emptied_after_its_position_was_read_is_not_reported_as_fresh(
        bool isOnOtherNode)
    {
        var shared = new InMemoryStorage();
        var watched = new FaultyStorage(shared);
        await using var worker = await TestNode.StartCargo(isOnOtherNode ? shared : watched);
        var token = await worker.Append("ada", new Loaded("ada", 1));
        await worker.WaitUntil(Cargo, status => status is { LagEvents: 0, IsHere: true });
        await worker.PauseAndWait(Cargo); // A paused consumer does not build the emptied documents again.
        await using var other = await TestNode.StartCargo(isOnOtherNode ? watched : shared);
        var reader = isOnOtherNode ? other : worker;
        Assert.True((await reader.Cargo.Get("ada", new ReadAfter(token))).IsFresh);
        watched.BeforeDocuments = name =>
        {
            if (name is not (nameof(IDocumentStorage.Get) or nameof(IDocumentStorage.GetWithProgress)))
                return;
            watched.BeforeDocuments = null;
            shared.Documents.Clear(Cargo, Cargo, CancellationToken.None).AsTask().Wait(TestNode.WaitTimeout);
            worker.Host.LeaseCoordinator.Inspect(CancellationToken.None).AsTask().Wait(TestNode.WaitTimeout);
        };

        var read = await reader.Cargo.Get("ada");

        Assert.Null(watched.BeforeDocuments);
        Assert.Null(read.Value);
        Assert.False(read.IsFresh, read.Freshness.ToString());
    }

    [Fact]
    public async Task A_node_that_does_not_run_a_projection_checks_its_position_once_before_and_once_after_a_read()
    {
        var shared = new InMemoryStorage();
        await using var worker = await TestNode.StartCargo(shared);
        var token = await worker.Append("ada", new Loaded("ada", 1));
        await worker.WaitUntil(Cargo, status => status is { LagEvents: 0, IsHere: true });
        var watched = new FaultyStorage(shared);
        await using var reader = await TestNode.StartCargo(watched, options => options.IsEnabled = false);
        Assert.True((await reader.Cargo.Get("ada", new ReadAfter(token))).IsFresh);
        var operations = new ConcurrentQueue<string>();
        watched.BeforeLeases = operations.Enqueue;

        // The document reflects the token, so only dead letters are read.
        Assert.True((await reader.Cargo.Get("ada", new ReadAfter(token))).IsFresh);
        Assert.Equal(1, Reads());
        Assert.True((await reader.Cargo.Get("bea", new ReadAfter(token))).IsFresh);
        Assert.Equal(3, Reads());
        Assert.True((await reader.Cargo.Get("ada")).IsFresh);
        Assert.Equal(5, Reads());
        Assert.DoesNotContain(nameof(ILeaseStorage.List), operations);

        int Reads() => operations.Count(name => name == nameof(ILeaseStorage.Find));
    }

    [Fact]
    public async Task A_document_is_not_fresh_while_a_blocked_event_may_belong_to_it()
    {
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new UnknownKeyCargoProjection(new ErrorFix()))));
        await node.Append("ada", new Loaded("bea", 1));
        var token = await node.Append("bea", new Loaded("bea", 10));
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 1 });

        var early = await node.Cargo.Get("bea", token);

        Assert.Equal(new Freshness(0) { BlockedEvents = 1 }, early.Freshness);
        Assert.Equal(10, early.Value!.Crates);
    }

    [Fact]
    public async Task A_rebuild_that_cannot_empty_the_model_loses_no_event()
    {
        var fix = new ErrorFix();
        var storage = new FaultyStorage(new InMemoryStorage());
        await using var node = await TestNode.Start(
            storage, host => TestNode.Add(host, Harbour.Cargo(create: () => new UnknownKeyCargoProjection(fix))));
        await node.Append("ada", new Loaded("bea", 1));
        await node.Append("bea", new Loaded("bea", 10));
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 1 });
        fix.IsApplied = true;
        storage.BeforeDocuments = name =>
        {
            if (name == nameof(IDocumentStorage.Clear))
                throw FaultyStorage.Unavailable();
        };

        await Assert.ThrowsAsync<StorageException>(() => node.Projections.Rebuild(Cargo));
        storage.BeforeDocuments = null;
        foreach (var letter in await node.ListDeadLetters())
            await node.Decide(letter, DeadLetterDecision.Retry);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(11, (await node.Cargo.Get("bea")).Value!.Crates);
    }
}
