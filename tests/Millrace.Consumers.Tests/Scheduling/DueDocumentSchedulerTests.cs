using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Millrace.Consuming;
using Millrace.Scheduling;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests that the scheduler processes all due documents with a minimum of queries.</summary>
public sealed class DueDocumentSchedulerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> _processed = [];
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _nextTimes = [];
    private readonly ManualTimeProvider _time = new(Now);
    private string _failing = "none"; // Work fails for keys with this prefix.
    private TaskCompletionSource? _gate; // If set, work waits for this gate before it ends.
    private Action? _beforeQuery; // Runs before each query of the collection.
    private int _queries;
    private int _wakes;
    private EventStore _store = null!;
    private DueDocumentScheduler _scheduler = null!;

    public async Task InitializeAsync()
    {
        var storage = new FaultyStorage(new InMemoryStorage(_time))
        {
            BeforeDocuments = name =>
            {
                if (name != nameof(IDocumentStorage.Query))
                    return;
                _queries++;
                _beforeQuery?.Invoke();
            },
        };
        _store = await EventStore.Open(storage, EventTypeMap.Empty, time: _time);
        await storage.Documents.EnsureCollection(TimerStore.Collection, default);
        _scheduler = new DueDocumentScheduler(_store, TimerStore.Name, Work, exception =>
            Assert.True(exception is CircuitOpenException, exception.ToString()));
    }

    public async Task DisposeAsync()
    {
        Release();
        await _scheduler.End();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_document_that_is_due_immediately_is_processed_without_a_query()
    {
        await RunDue();
        _queries = 0;

        _scheduler.StartNow(DocumentWithKey("a"));
        await WaitUntilIdle();

        Assert.Equal(["a"], _processed);
        Assert.Equal(0, _queries);
        Assert.Null(_scheduler.Next);
    }

    [Fact]
    public async Task A_document_that_is_written_during_its_work_is_processed_again()
    {
        await RunDue();
        _gate = new TaskCompletionSource();
        _scheduler.StartNow(DocumentWithKey("a"));
        await Eventually.Get(() => Task.FromResult(_processed.Count), count => count == 1, WaitTimeout);

        await Write("a", Now);
        _scheduler.StartNow(DocumentWithKey("a"));
        await RunDue();
        Assert.Single(_processed);
        Release();
        await WaitUntilIdle();

        Assert.True(_scheduler.Next <= Now, "The document must be due.");
        await RunDue();
        Assert.Equal(["a", "a"], _processed);
    }

    [Fact]
    public async Task A_document_whose_work_ends_during_a_query_is_not_processed_again()
    {
        using var ended = new SemaphoreSlim(0);
        await _scheduler.Start(() => ended.Release(), default);
        await Write("a", Now);
        var gate = _gate = new TaskCompletionSource();
        _scheduler.StartNow(DocumentWithKey("a"));
        await Eventually.Get(() => Task.FromResult(_processed.Count), count => count == 1, WaitTimeout);

        _queries = 0;
        _beforeQuery = () =>
        {
            if (_queries != 2)
                // The first query reads due documents, and the second reads the next due time. The work ends between
                // them.
                return;
            gate.SetResult();
            Assert.True(ended.Wait(WaitTimeout), "The work has not ended.");
        };
        await RunDue();
        _gate = null;
        await WaitUntilIdle();

        Assert.Equal(2, _queries);
        Assert.Equal(["a"], _processed);
        Assert.True(_scheduler.Next > Now, "The scheduler queries again without a pause.");
        Assert.True(
            _scheduler.Next <= Now.AddSeconds(1),
            "The scheduler does not query again, but the document may have been written again.");
        await RunDue();
        Assert.Equal(["a"], _processed);
        Assert.Null(_scheduler.Next);
    }

    [Fact]
    public async Task The_scheduler_queries_again_at_the_time_that_the_work_returned()
    {
        await RunDue();
        _nextTimes["a"] = Now.AddHours(1);
        _nextTimes["b"] = Now.AddHours(2);

        _scheduler.StartNow(DocumentWithKey("a"));
        _scheduler.StartNow(DocumentWithKey("b"));
        await WaitUntilIdle();

        Assert.Equal(Now.AddHours(1), _scheduler.Next);
        await Eventually.Get(() => Task.FromResult(Volatile.Read(ref _wakes)), wakes => wakes > 0, WaitTimeout);
    }

    [Fact]
    public async Task The_scheduler_queries_at_the_earliest_reported_time()
    {
        await RunDue();

        _scheduler.NoteDue(Now.AddHours(2));
        _scheduler.NoteDue(null);
        _scheduler.NoteDue(Now.AddHours(1));
        _scheduler.NoteDue(Now.AddHours(3));

        Assert.Equal(Now.AddHours(1), _scheduler.Next);
    }

    [Fact]
    public async Task All_documents_are_processed_even_if_they_exceed_the_memory_limit_of_the_scheduler()
    {
        const int Documents = 1_500;
        await RunDue();
        _gate = new TaskCompletionSource();
        var keys = Enumerable
            .Range(0, Documents)
            .Select(number => number.ToString(CultureInfo.InvariantCulture))
            .ToList();
        foreach (var key in keys)
        {
            await Write(key, Now);
            _scheduler.StartNow(DocumentWithKey(key));
        }

        Assert.Null(_scheduler.Next); // The scheduler does not query, because enough work is running.
        Release();
        await WaitUntilIdle();
        while (_scheduler.Next <= Now)
            await RunDue();

        Assert.Equal(keys.Order(StringComparer.Ordinal), _processed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_time_is_not_lost_while_a_document_waits_to_start()
    {
        await RunDue();
        _gate = new TaskCompletionSource();
        await Write("later", Now.AddSeconds(2));
        for (var i = 0; i < 8; i++)
        {
            await Write($"now-{i}", Now);
            await RunDue();
            // The time is known, even if the document has not started.
            Assert.Equal(Now.AddSeconds(2), _scheduler.Next);
        }
    }

    [Fact]
    public async Task No_work_starts_after_the_stop_and_all_due_documents_are_found_after_a_restart()
    {
        await RunDue();
        await _scheduler.End();
        await Write("a", Now);

        _scheduler.StartNow(DocumentWithKey("a"));
        Assert.False(_scheduler.IsBusy);

        Assert.True(_scheduler.Next <= Now, "The document must be due.");
        await RunDue();
        Assert.Equal(["a"], _processed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)] // Some documents of the first page succeed.
    public async Task Failing_work_does_not_delay_later_work(int others)
    {
        const int Failing = 1_100;
        _failing = "bad";
        for (var i = 0; i < Failing; i++)
            await Write($"bad-{i}", Now.AddHours(-1));
        for (var i = 0; i < others; i++)
            await Write($"soon-{i}", Now.AddHours(-2));
        await Write("late", Now);

        for (var round = 0; round < 4; round++)
            await RunWhenDue();

        Assert.Contains("late", _processed);
        Assert.Equal(others, _processed.Count(key => key.StartsWith("soon", StringComparison.Ordinal)));
        _processed.Clear();
        _failing = "none";
        for (var round = 0; round < 8 && _scheduler.Next is not null; round++)
            await RunWhenDue();
        Assert.Equal(Failing, _processed.Distinct().Count()); // All failed documents are processed later.
        Assert.Null(_scheduler.Next);
    }

    private static Document DocumentWithKey(string key) => new(key, 1, 0, default);

    private async Task RunDue()
    {
        await _scheduler.Start(() => Interlocked.Increment(ref _wakes), default);
        if (_gate is null)
            await WaitUntilIdle();
    }

    private async Task RunWhenDue()
    {
        if (_scheduler.Next is { } next && next > _time.GetUtcNow())
            _time.Advance(next - _time.GetUtcNow());
        await RunDue();
    }

    private async Task WaitUntilIdle() =>
        await Eventually.Get(() => Task.FromResult(_scheduler.IsBusy), busy => !busy, WaitTimeout);

    private void Release()
    {
        _gate?.TrySetResult();
        _gate = null;
    }

    /// <summary>Processes a document. Removes the document at the end if it existed at the start.</summary>
    private async Task<DateTimeOffset?> Work(Document document, CancellationToken cancellationToken)
    {
        var found = await _store.Storage.Documents.Get(TimerStore.Name, document.Key, cancellationToken);
        var gate = _gate;
        _processed.Enqueue(document.Key);
        if (document.Key.StartsWith(_failing, StringComparison.Ordinal))
            throw new CircuitOpenException("bank", TimeSpan.FromMinutes(1));
        if (gate is not null)
            await gate.Task.WaitAsync(WaitTimeout, cancellationToken);
        if (found is not null)
            await Commit(TimerStore.Remove(document.Key, found.Version));
        return _nextTimes.GetValueOrDefault(document.Key);
    }

    private Task<CommitOutcome> Write(string key, DateTimeOffset due)
    {
        using var body = JsonDocument.Parse("{}");
        var command = body.RootElement.Clone();
        var timer = new TimerRecord
        {
            Due = due,
            Id = Guid.CreateVersion7(),
            Command = "ring",
            Body = command,
            SetAt = Now,
        };
        return Commit(TimerStore.Write(key, timer, fromVersion: null));
    }

    private Task<CommitOutcome> Commit(DocumentChange change) =>
        _store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, CancellationToken.None);
}
