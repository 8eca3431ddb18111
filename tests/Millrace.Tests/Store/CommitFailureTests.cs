using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Store;

/// <summary>
/// Tests appends while the storage fails. No acknowledged event is lost, and no refused event is written.
/// </summary>
public sealed class CommitFailureTests : IDisposable
{
    private static readonly StreamId Stream = new("order-1");

    private readonly FaultInjectingStorage _storage = new(new InMemoryStorage());

    [Theory]
    [InlineData(StorageProblem.Full)]
    [InlineData(StorageProblem.ReadOnly)]
    [InlineData(StorageProblem.InputOutput)]
    public async Task An_append_fails_with_the_storage_and_the_next_append_succeeds(StorageProblem problem)
    {
        await using var store = await TestData.Store(_storage);
        _storage.BeforeCommit = (_, number) =>
            number == 1 ? throw new StorageException("It broke.", problem) : ValueTask.CompletedTask;

        var failed = await Assert.ThrowsAsync<StorageException>(() =>
            store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]));
        var result = await store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]);

        Assert.Equal(problem, failed.Problem);
        Assert.Equal((1, 1), (result.Version, result.Position));
    }

    [Fact]
    public async Task An_unexpected_exception_is_reported_as_a_StorageException()
    {
        await using var store = await TestData.Store(_storage);
        _storage.BeforeCommit = (_, _) => throw new InvalidDataException("odd");

        var failed = await Assert.ThrowsAsync<StorageException>(() =>
            store.Append(Stream, ExpectedVersion.Any, [TestData.Event()]));

        Assert.IsType<InvalidDataException>(failed.InnerException);
    }

    [Fact]
    public async Task Only_the_request_that_breaks_a_batch_fails()
    {
        await using var store = await TestData.Store(_storage);
        using var gate = new SemaphoreSlim(0);
        _storage.BeforeCommit = async (batch, number) =>
        {
            if (number == 1)
                Assert.True(await gate.WaitAsync(TestData.WaitTimeout));
            if (batch.Any(request => request.Appends[0].Stream.Value == "bad"))
                throw new StorageException("This request fails the batch.", StorageProblem.Other);
        };
        var first = store.Append(Stream, ExpectedVersion.Any, [TestData.Event()]);

        var names = Enumerable.Range(0, 10).Select(number => new StreamId($"good-{number}"));
        var good = names.Select(stream => store.Append(stream, ExpectedVersion.Any, [TestData.Event()])).ToList();
        var bad = store.Append(new StreamId("bad"), ExpectedVersion.Any, [TestData.Event()]);
        gate.Release();

        await Task.WhenAll([first, .. good]).WaitAsync(TestData.WaitTimeout);
        await Assert.ThrowsAsync<StorageException>(() => bad.WaitAsync(TestData.WaitTimeout));
        Assert.Equal(11, (await store.GetToken()).Position);
        Assert.Null(await store.GetStream(new StreamId("bad")));
    }

    [Fact]
    public async Task A_commit_in_doubt_that_was_written_returns_the_written_positions()
    {
        await using var store = await TestData.Store(_storage);
        _storage.AfterCommit = (_, number) => number == 2 ? throw InDoubt() : ValueTask.CompletedTask;
        await store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]);

        var result = await store.Append(Stream, ExpectedVersion.Exactly(1), [TestData.Event(), TestData.Event()]);

        Assert.Equal((3, 3), (result.Version, result.Position));
        Assert.Equal(3, (await store.ReadStream(Stream).ToListAsync()).Count);
    }

    [Fact]
    public async Task A_commit_in_doubt_that_was_not_written_is_transient_and_can_be_repeated()
    {
        await using var store = await TestData.Store(_storage);
        _storage.BeforeCommit = (_, number) => number == 1 ? throw InDoubt() : ValueTask.CompletedTask;

        var failed = await Assert.ThrowsAsync<StorageException>(() =>
            store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]));

        Assert.True(failed.IsTransient && !failed.IsInDoubt);
        Assert.Equal(1, (await store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()])).Version);
    }

    [Fact]
    public async Task A_commit_in_doubt_is_searched_in_its_own_stream()
    {
        await using var store = await TestData.Store(_storage);
        _storage.AfterCommit = (_, number) => number == 2 ? throw InDoubt() : ValueTask.CompletedTask;
        await store.Append(new StreamId("copied-1"), ExpectedVersion.NoStream, [TestData.Event(id: TestData.Id(1))]);

        var result = await store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event(id: TestData.Id(1))]);

        Assert.Equal((1, 2), (result.Version, result.Position));
    }

    [Fact]
    public async Task A_commit_in_doubt_does_not_match_an_earlier_event_with_its_id()
    {
        await using var store = await TestData.Store(_storage);
        _storage.BeforeCommit = (_, number) => number == 2 ? throw InDoubt() : ValueTask.CompletedTask;
        await store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event(id: TestData.Id(1))]);

        var failed = await Assert.ThrowsAsync<StorageException>(
            () => store.Append(Stream, ExpectedVersion.Exactly(1), [TestData.Event(id: TestData.Id(1))]));

        Assert.True(failed.IsTransient && !failed.IsInDoubt);
    }

    [Fact]
    public async Task A_commit_in_doubt_with_only_some_events_present_counts_as_not_written()
    {
        await using var store = await TestData.Store(_storage);
        _storage.BeforeCommit = (_, number) => number == 2 ? throw InDoubt() : ValueTask.CompletedTask;
        await store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event(id: TestData.Id(1))]);

        var failed = await Assert.ThrowsAsync<StorageException>(() =>
            store.Append(
                Stream, ExpectedVersion.Any, [TestData.Event(id: TestData.Id(1)), TestData.Event(id: TestData.Id(2))]));

        Assert.True(failed.IsTransient && !failed.IsInDoubt);
        Assert.Equal(1, (await store.GetStream(Stream))?.Version);
    }

    [Fact]
    public async Task A_commit_in_doubt_that_cannot_be_checked_in_time_is_reported_as_in_doubt()
    {
        var time = new ManualTimeProvider();
        await using var store = await TestData.Store(_storage, time: time);
        _storage.BeforeCommit = (_, _) => throw InDoubt();
        _storage.BeforeRead = () => throw new StorageException("No server answers.", StorageProblem.Unavailable);

        var append = store.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]);
        while (!append.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.True((await Assert.ThrowsAsync<StorageException>(() => append)).IsInDoubt);
        _storage.BeforeRead = null;
    }

    [Fact]
    public async Task Many_commits_in_doubt_share_one_wait()
    {
        var time = new ManualTimeProvider();
        await using var store = await TestData.Store(_storage, time: time);
        using var gate = new SemaphoreSlim(0);
        _storage.BeforeCommit = async (_, number) =>
        {
            Assert.True(number > 1 || await gate.WaitAsync(TestData.WaitTimeout));
            throw InDoubt();
        };
        var reads = 0;
        _storage.BeforeRead = () =>
        {
            Interlocked.Increment(ref reads);
            time.Advance(TimeSpan.FromSeconds(11)); // Longer than the wait for one commit.
            throw new StorageException("No server answers.", StorageProblem.Unavailable);
        };

        var all = Task.WhenAll(Enumerable.Range(0, 41).Select(number => AppendInDoubt(store, number)).ToList());
        gate.Release();
        await all.WaitAsync(TestData.WaitTimeout);

        // One read for each of two batches and some by the watcher, but not one read for each append.
        Assert.InRange(reads, 1, 20);
        _storage.BeforeRead = null;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Under_random_faults_acknowledged_appends_are_stored_once_and_refused_appends_never(int seed)
    {
        var random = new Random(seed);
        _storage.BeforeCommit = (_, _) => random.Next(5) switch
        {
            0 => throw new StorageException("It broke before.", StorageProblem.InputOutput),
            1 => throw InDoubt(),
            _ => ValueTask.CompletedTask,
        };
        _storage.AfterCommit = (_, _) => random.Next(5) == 0 ? throw InDoubt() : ValueTask.CompletedTask;
        await using var store = await TestData.Store(_storage);

        var writers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(writer => Task.Run(() => Write(store, writer, appends: 40))));

        _storage.BeforeCommit = null;
        _storage.AfterCommit = null;
        var log = await store.ReadLog(EventFilter.All).ToListAsync();
        var acknowledged = writers.SelectMany(ids => ids).ToHashSet();
        Assert.Equal(acknowledged, log.Select(recorded => recorded.Id).ToHashSet());
        Assert.Equal(acknowledged.Count, log.Count);
        Assert.Equal(
            Enumerable.Range(1, log.Count).Select(number => (long)number), log.Select(recorded => recorded.Position));
    }

    public void Dispose() => _storage.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static async Task AppendInDoubt(EventStore store, int number) =>
        Assert.True(
            (
                await Assert.ThrowsAsync<StorageException>(() =>
                    store.Append(
                        new StreamId($"order-{number}"), ExpectedVersion.NoStream, [TestData.Event()]))).IsInDoubt
        );

    private static StorageException InDoubt() => new("The connection broke.", StorageProblem.InDoubt);

    /// <summary>Appends, and repeats with the same ids after every failure, until the append succeeds.</summary>
    private static async Task<List<Guid>> Write(EventStore store, int writer, int appends)
    {
        var acknowledged = new List<Guid>();
        for (var i = 0; i < appends; i++)
        {
            var id = TestData.Id((1_000 * writer) + i + 1);
            for (var tries = 0; ; tries++)
            {
                Assert.True(tries < 1_000, "The append never succeeded.");
                try
                {
                    await store.Append(
                        new StreamId($"writer-{writer}"),
                        ExpectedVersion.AsRead(i),
                        [TestData.Event(id: id)]);
                    acknowledged.Add(id);
                    break;
                }
                catch (StorageException)
                {
                    // The writer repeats the append with the same id.
                }
            }
        }
        return acknowledged;
    }
}
