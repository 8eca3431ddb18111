using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Store;

/// <summary>Tests the outcomes, limits, order, cancellation and disposal of the commit queue.</summary>
public abstract class CommitQueueTests(bool commitsOnCallingThread) : IDisposable
{
    private readonly FaultInjectingStorage _storage = new(new InMemoryStorage())
    {
        CommitsOnCallingThread = commitsOnCallingThread,
    };
    private readonly List<int> _batches = [];
    private readonly List<string> _order = [];

    [Fact]
    public async Task Waiting_requests_are_committed_together_with_one_outcome_each()
    {
        using var gate = Gate();
        await using var store = await TestData.Store(_storage);
        var first = await AppendHeldByWriter(store, gate);

        var appends = Enumerable
            .Range(0, 50)
            .Select(number => Append(store, "race", ExpectedVersion.NoStream))
            .ToList();
        gate.Release();
        await first;
        var outcomes = await Task.WhenAll(appends.Select(Outcome));

        Assert.Equal([1, 50], _batches);
        Assert.Single(outcomes, outcome => outcome is null);
        Assert.Equal(49, outcomes.Count(outcome => outcome is VersionConflictException { Actual: 1 }));
    }

    [Fact]
    public async Task Requests_of_a_group_are_committed_together_with_one_outcome_each()
    {
        using var gate = Gate();
        await using var store = await TestData.Store(_storage);
        var first = await AppendHeldByWriter(store, gate);

        var group = store.TryCommitAll(
            [
                TestData.Request(
                    "a", ExpectedVersion.NoStream, 10), TestData.Request("a", ExpectedVersion.NoStream, 11),
                TestData.Request("b", ExpectedVersion.Any, 12),
            ],
            default);
        gate.Release(10);
        await first;
        var answers = await group.WaitAsync(TestData.WaitTimeout);

        Assert.Equal([1, 3], _batches);
        Assert.Equal(
            [null, typeof(VersionConflictException), null],
            answers.Select(answer => answer.Problem?.GetType()));
        Assert.Equal(3, answers[2].Outcome?.Position);
    }

    [Fact]
    public async Task Requests_with_SQL_share_a_batch_and_are_committed_one_by_one_when_the_batch_fails()
    {
        using var gate = Gate();
        await using var store = await TestData.Store(_storage);
        var first = await AppendHeldByWriter(store, gate);
        CommitRequest Sql() => new() { Statements = [new SqlStatement("SELECT 1", [])] };

        var group = store.TryCommitAll(
            [
                TestData.Request("a", ExpectedVersion.Any, 10),
                Sql(),
                Sql(),
                Sql(),
                TestData.Request("b", ExpectedVersion.Any, 11),
            ],
            default);
        gate.Release(10);
        await first;
        var answers = await group.WaitAsync(TestData.WaitTimeout);

        Assert.Equal([1, 1, 3, 1, 1, 1, 1], _batches); // The storage in memory has no SQL, so all three requests fail.
        Assert.Equal(
            [null, StorageProblem.Statement, StorageProblem.Statement, StorageProblem.Statement, null],
            answers.Select(answer => (answer.Problem as StorageException)?.Problem));
    }

    [Fact]
    public async Task SQL_of_consumers_is_committed_in_separate_batches()
    {
        using var gate = Gate();
        await using var store = await TestData.Store(_storage);
        var first = await AppendHeldByWriter(store, gate);
        CommitRequest Sql(string consumer) => new()
        {
            Statements = [new SqlStatement("SELECT 1", [])],
            Checkpoint = new CheckpointMove(consumer, 0, 1, null, 1),
        };

        var group = store.TryCommitAll([Sql("one"), Sql("two"), Sql("three")], default);
        gate.Release(10);
        await first;
        await group.WaitAsync(TestData.WaitTimeout);

        Assert.Equal([1, 1, 1, 1], _batches);
    }

    /// <summary>
    /// If an append shared a batch with a removal, its condition, or the check for a repeated append, would still find
    /// the removed events.
    /// </summary>
    [Fact]
    public async Task An_append_after_a_removal_is_committed_in_a_later_batch()
    {
        await using var store = await TestData.Store(_storage);
        await store
            .Append(new StreamId("a"), ExpectedVersion.NoStream, [TestData.Event("old"), TestData.Event("new")])
            .WaitAsync(TestData.WaitTimeout);
        using var gate = Gate();
        var first = await AppendHeldByWriter(store, gate);
        var removal = new StreamRemoval(new StreamId("a"), RemovalKind.Truncate, 2, ExpectedVersion.Any, "old", null);
        var condition = new AppendCondition(new EventFilter { Types = ["old"] }, 0);
        var append = TestData.Request("b", ExpectedVersion.NoStream, 10).Appends;

        var group = store.TryCommitAll(
            [
                new CommitRequest { Removals = [removal] }, new CommitRequest { Removals = [removal] },
                new CommitRequest { Conditions = [condition], Appends = append },
            ],
            default);
        gate.Release(10);
        await first;
        var answers = await group.WaitAsync(TestData.WaitTimeout);

        Assert.All(answers, answer => Assert.Null(answer.Problem));
        Assert.Equal([1, 2, 1], _batches); // Removals share a batch.
    }

    [Fact]
    public async Task Requests_of_a_group_that_find_the_queue_full_are_refused_one_by_one()
    {
        using var gate = Gate();
        var time = new ManualTimeProvider();
        await using var store = await TestData.Store(_storage, new StoreOptions { MaxQueuedRequests = 2 }, time);
        var first = await AppendHeldByWriter(store, gate);

        var late = store.TryCommitAll(
            [.. Enumerable.Range(0, 3).Select(i => TestData.Request("a", ExpectedVersion.Any, i))],
            default);
        time.Advance(TimeSpan.FromSeconds(6));
        gate.Release(100);
        await first;
        var answers = await late.WaitAsync(TestData.WaitTimeout);
        var laterAnswers = await store
            .TryCommitAll(
                [.. Enumerable.Range(3, 9).Select(i => TestData.Request("b", ExpectedVersion.Any, i))], default)
            .WaitAsync(TestData.WaitTimeout);

        Assert.Equal(
            [null, typeof(StoreBusyException), typeof(StoreBusyException)],
            answers.Select(answer => answer.Problem?.GetType()));
        Assert.All(laterAnswers, answer => Assert.Null(answer.Problem));
        Assert.Equal(11, (await store.GetToken()).Position);
    }

    [Fact]
    public async Task Commands_are_committed_before_background_work_but_never_starve_it()
    {
        using var gate = Gate();
        await using var store = await TestData.Store(_storage, new StoreOptions { MaxBatchRequests = 1 });
        var first = await AppendHeldByWriter(store, gate);

        var background = store.TryCommit(
            TestData.Request("background", ExpectedVersion.Any, 1_000), isBackground: true, default);
        var commands = Enumerable
            .Range(0, 20)
            .Select(number => Append(store, $"command-{number}", ExpectedVersion.Any))
            .ToList();
        gate.Release(1_000);
        await Task.WhenAll([first, background, .. commands]).WaitAsync(TestData.WaitTimeout);

        var backgroundIndex = _order.IndexOf("background");
        Assert.InRange(backgroundIndex, 2, 10);
    }

    [Fact]
    public async Task A_full_queue_refuses_requests_after_its_timeout()
    {
        using var gate = Gate();
        var time = new ManualTimeProvider();
        await using var store = await TestData.Store(_storage, new StoreOptions { MaxQueuedRequests = 2 }, time);
        var first = await AppendHeldByWriter(store, gate);
        var second = Append(store, "a", ExpectedVersion.Any);

        var third = Append(store, "b", ExpectedVersion.Any);
        Assert.False(third.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(6));
        var busy = await Assert.ThrowsAsync<StoreBusyException>(() => third.WaitAsync(TestData.WaitTimeout));

        Assert.True(busy.IsTransient);
        Assert.Equal(2, busy.QueuedRequests);
        gate.Release(10);
        await Task.WhenAll(first, second);
        Assert.Equal(2, (await store.GetToken()).Position);
    }

    [Fact]
    public async Task A_request_that_waits_for_room_is_accepted_when_a_queued_request_is_cancelled()
    {
        using var gate = Gate();
        using var cancellation = new CancellationTokenSource();
        await using var store = await TestData.Store(
            _storage, new StoreOptions { MaxQueuedRequests = 1, QueueTimeout = TimeSpan.FromMinutes(5) });
        var first = await AppendHeldByWriter(store, gate);
        var second = store.Append(new StreamId("a"), ExpectedVersion.Any, [TestData.Event()], cancellation.Token);
        var third = Append(store, "b", ExpectedVersion.Any);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TestData.WaitTimeout));
        gate.Release(10);

        await Task.WhenAll(first, third).WaitAsync(TestData.WaitTimeout);
    }

    [Fact]
    public async Task A_queue_full_of_bytes_makes_appends_wait()
    {
        using var gate = Gate();
        await using var store = await TestData.Store(_storage, new StoreOptions { MaxQueuedBytes = 1024 * 1024 });
        var first = await AppendHeldByWriter(store, gate);
        var large = NewEvent.FromBytes("large", new byte[700_000]);
        var second = store.Append(new StreamId("a"), ExpectedVersion.Any, [large]);

        var third = store.Append(new StreamId("b"), ExpectedVersion.Any, [large]);

        Assert.False(third.IsCompleted);
        gate.Release(10);
        await Task.WhenAll(first, second, third).WaitAsync(TestData.WaitTimeout);
        Assert.Equal(3, (await store.GetToken()).Position);
    }

    [Fact]
    public async Task A_request_can_be_cancelled_while_it_waits()
    {
        using var gate = Gate();
        using var cancellation = new CancellationTokenSource();
        await using var store = await TestData.Store(_storage);
        var first = await AppendHeldByWriter(store, gate);
        var second = store.Append(new StreamId("a"), ExpectedVersion.Any, [TestData.Event()], cancellation.Token);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TestData.WaitTimeout));
        gate.Release(10);
        await first;

        Assert.Null(await store.GetStream(new StreamId("a")));
    }

    [Fact]
    public async Task A_request_cannot_be_cancelled_once_its_commit_has_started()
    {
        using var gate = Gate();
        using var tooLate = new CancellationTokenSource();
        await using var store = await TestData.Store(_storage);
        var started = gate.Started;
        var append = store.Append(new StreamId("a"), ExpectedVersion.Any, [TestData.Event()], tooLate.Token);
        await started.WaitAsync(TestData.WaitTimeout);

        await tooLate.CancelAsync();
        gate.Release();

        Assert.Equal(1, (await append.WaitAsync(TestData.WaitTimeout)).Version);
    }

    [Fact]
    public async Task Disposing_commits_queued_requests_and_refuses_new_requests()
    {
        using var gate = Gate();
        var store = await TestData.Store(_storage, time: new ManualTimeProvider()); // The drain timeout never expires.
        var first = await AppendHeldByWriter(store, gate);
        var second = Append(store, "a", ExpectedVersion.Any);

        var disposed = store.DisposeAsync().AsTask();
        var late = await Assert.ThrowsAsync<StorageException>(() => Append(store, "b", ExpectedVersion.Any));
        gate.Release(10);
        await disposed.WaitAsync(TestData.WaitTimeout);

        // Both appends are committed, but another thread completes their tasks.
        await Task.WhenAll(first, second).WaitAsync(TestData.WaitTimeout);
        Assert.Equal(StorageProblem.Closed, late.Problem);
        await using var reopened = await TestData.Store(_storage);
        Assert.Equal(2, (await reopened.GetToken()).Position);
    }

    [Fact]
    public async Task Disposing_an_empty_queue_completes_immediately()
    {
        var time = new ManualTimeProvider(); // The drain timeout never expires.
        var store = await TestData.Store(_storage, time: time);
        await Append(store, "a", ExpectedVersion.Any);

        await store.DisposeAsync().AsTask().WaitAsync(TestData.WaitTimeout);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Disposing_refuses_queued_requests_after_the_drain_timeout()
    {
        using var gate = Gate();
        var time = new ManualTimeProvider();
        var store = await TestData.Store(_storage, new StoreOptions { DrainTimeout = TimeSpan.FromSeconds(3) }, time);
        var first = await AppendHeldByWriter(store, gate);
        var second = Append(store, "a", ExpectedVersion.Any);
        var armed = time.ArmedTimers;

        var disposed = store.DisposeAsync().AsTask();
        await time.WaitForTimers(armed + 1).WaitAsync(TestData.WaitTimeout);
        time.Advance(TimeSpan.FromSeconds(3));

        var refused = await Assert.ThrowsAsync<StorageException>(() => second.WaitAsync(TestData.WaitTimeout));
        Assert.Equal(StorageProblem.Closed, refused.Problem);
        gate.Release(10);
        await disposed.WaitAsync(TestData.WaitTimeout);
        await Outcome(first);
    }

    public void Dispose()
    {
        _storage.DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    private static Task<AppendResult> Append(EventStore store, string stream, ExpectedVersion expected) =>
        store.Append(new StreamId(stream), expected, [TestData.Event()]);

    private static async Task<Exception?> Outcome(Task append)
    {
        try
        {
            await append.WaitAsync(TestData.WaitTimeout);
            return null;
        }
        catch (MillraceException exception)
        {
            return exception;
        }
    }

    /// <summary>
    /// Appends one event and returns when the writer waits at the gate with it. Later requests are then queued.
    /// </summary>
    private static async Task<Task> AppendHeldByWriter(EventStore store, CommitGate gate)
    {
        var started = gate.Started;
        var append = store.Append(new StreamId("first"), ExpectedVersion.Any, [TestData.Event()]);
        await started.WaitAsync(TestData.WaitTimeout);
        return append;
    }

    private CommitGate Gate()
    {
        var gate = new CommitGate();
        _storage.BeforeCommit = async (batch, _) =>
        {
            _batches.Add(batch.Count);
            _order.AddRange(batch.SelectMany(request => request.Appends).Select(append => append.Stream.Value));
            await gate.Wait();
        };
        return gate;
    }

    /// <summary>Holds commits until a test releases them.</summary>
    private sealed class CommitGate : IDisposable
    {
        private readonly SemaphoreSlim _permits = new(0);
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Gets a task that completes when the first commit has started.</summary>
        public Task Started => _started.Task;

        public void Release(int commits = 2) => _permits.Release(commits);

        public void Dispose() => _permits.Dispose();

        public async Task Wait()
        {
            _started.TrySetResult();
            Assert.True(await _permits.WaitAsync(TestData.WaitTimeout));
        }
    }
}
