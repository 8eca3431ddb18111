using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Millrace.Consuming;
using Millrace.Scheduling;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>Tests that due documents are processed, however they are reported, and with a minimum of queries.</summary>
public sealed class DueDocumentSchedulerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> _worked = [];
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _answers = [];
    private readonly ManualTimeProvider _time = new(Now);
    private string _failing = "none"; // The prefix of keys whose work fails.
    private TaskCompletionSource? _held; // The gate before the end of work.
    private Action? _asked; // The action before a query of the collection.
    private int _looks;
    private int _wakes;
    private EventStore _store = null!;
    private DueDocumentScheduler _due = null!;

    public async Task InitializeAsync()
    {
        var storage = new FaultyStorage(new InMemoryStorage(_time))
        {
            BeforeDocuments = name =>
            {
                if (name != nameof(IDocumentStorage.Query))
                    return;
                _looks++;
                _asked?.Invoke();
            },
        };
        _store = await EventStore.Open(storage, EventTypeMap.Empty, time: _time);
        await storage.Documents.EnsureCollection(TimerStore.Collection, default);
        _due = new DueDocumentScheduler(_store, TimerStore.Name, Work, exception =>
            Assert.True(exception is CircuitOpenException, exception.ToString()));
    }

    public async Task DisposeAsync()
    {
        Release();
        await _due.End();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_document_that_is_due_immediately_is_processed_without_a_query()
    {
        await RunDue();
        _looks = 0;

        _due.StartNow(Known("a"));
        await Rest();

        Assert.Equal(["a"], _worked);
        Assert.Equal(0, _looks);
        Assert.Null(_due.Next);
    }

    [Fact]
    public async Task A_document_that_is_written_during_its_work_is_processed_again()
    {
        await RunDue();
        _held = new TaskCompletionSource();
        _due.StartNow(Known("a"));
        await Eventually.Is(() => Task.FromResult(_worked.Count), count => count == 1, WaitTimeout);

        await Write("a", Now);
        _due.StartNow(Known("a"));
        await RunDue();
        Assert.Single(_worked);
        Release();
        await Rest();

        Assert.True(_due.Next <= Now, "It says that nothing is due.");
        await RunDue();
        Assert.Equal(["a", "a"], _worked);
    }

    [Fact]
    public async Task A_document_that_ends_during_a_query_is_not_processed_again()
    {
        using var ended = new SemaphoreSlim(0);
        await _due.Start(() => ended.Release(), default);
        await Write("a", Now);
        var held = _held = new TaskCompletionSource();
        _due.StartNow(Known("a"));
        await Eventually.Is(() => Task.FromResult(_worked.Count), count => count == 1, WaitTimeout);

        _looks = 0;
        _asked = () =>
        {
            if (_looks != 2)
                // The first query reads due documents, and the second the next time: the document ends in between.
                return;
            held.SetResult();
            Assert.True(ended.Wait(WaitTimeout), "It has not ended.");
        };
        await RunDue();
        _held = null;
        await Rest();

        Assert.Equal(2, _looks);
        Assert.Equal(["a"], _worked);
        Assert.True(_due.Next > Now, "It looks again without a pause.");
        Assert.True(_due.Next <= Now.AddSeconds(1), "It does not look again, where it may have been written anew.");
        await RunDue();
        Assert.Equal(["a"], _worked);
        Assert.Null(_due.Next);
    }

    [Fact]
    public async Task It_queries_again_at_the_time_that_the_work_returned()
    {
        await RunDue();
        _answers["a"] = Now.AddHours(1);
        _answers["b"] = Now.AddHours(2);

        _due.StartNow(Known("a"));
        _due.StartNow(Known("b"));
        await Rest();

        Assert.Equal(Now.AddHours(1), _due.Next);
        await Eventually.Is(() => Task.FromResult(Volatile.Read(ref _wakes)), wakes => wakes > 0, WaitTimeout);
    }

    [Fact]
    public async Task It_queries_at_the_earliest_reported_time()
    {
        await RunDue();

        _due.NoteDue(Now.AddHours(2));
        _due.NoteDue(null);
        _due.NoteDue(Now.AddHours(1));
        _due.NoteDue(Now.AddHours(3));

        Assert.Equal(Now.AddHours(1), _due.Next);
    }

    [Fact]
    public async Task More_documents_than_its_memory_limit_are_all_processed()
    {
        const int Documents = 1_500;
        await RunDue();
        _held = new TaskCompletionSource();
        var keys = Enumerable
            .Range(0, Documents)
            .Select(number => number.ToString(CultureInfo.InvariantCulture))
            .ToList();
        foreach (var key in keys)
        {
            await Write(key, Now);
            _due.StartNow(Known(key));
        }

        Assert.Null(_due.Next); // Enough work is running.
        Release();
        await Rest();
        while (_due.Next <= Now)
            await RunDue();

        Assert.Equal(keys.Order(StringComparer.Ordinal), _worked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_time_is_not_lost_while_a_document_waits_to_start()
    {
        await RunDue();
        _held = new TaskCompletionSource();
        await Write("later", Now.AddSeconds(2));
        for (var i = 0; i < 8; i++)
        {
            await Write($"now-{i}", Now);
            await RunDue();
            Assert.Equal(Now.AddSeconds(2), _due.Next); // Whether or not a worker has taken it by now.
        }
    }

    [Fact]
    public async Task No_work_starts_after_the_stop_and_all_is_found_after_a_restart()
    {
        await RunDue();
        await _due.End();
        await Write("a", Now);

        _due.StartNow(Known("a"));
        Assert.False(_due.IsBusy);

        Assert.True(_due.Next <= Now, "It says that nothing is due.");
        await RunDue();
        Assert.Equal(["a"], _worked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)] // Some of the first page succeed.
    public async Task Failing_work_does_not_delay_later_work(int others)
    {
        const int Failing = 1_100;
        _failing = "bad";
        for (var i = 0; i < Failing; i++)
            await Write($"bad-{i}", Now.AddHours(-1));
        for (var i = 0; i < others; i++)
            await Write($"soon-{i}", Now.AddHours(-2));
        await Write("late", Now);

        for (var look = 0; look < 4; look++)
            await RunWhenDue();

        Assert.Contains("late", _worked);
        Assert.Equal(others, _worked.Count(key => key.StartsWith("soon", StringComparison.Ordinal)));
        _worked.Clear();
        _failing = "none";
        for (var look = 0; look < 8 && _due.Next is not null; look++)
            await RunWhenDue();
        Assert.Equal(Failing, _worked.Distinct().Count()); // All return.
        Assert.Null(_due.Next);
    }

    private static Document Known(string key) => new(key, 1, 0, default);

    private async Task RunDue()
    {
        await _due.Start(() => Interlocked.Increment(ref _wakes), default);
        if (_held is null)
            await Rest();
    }

    private async Task RunWhenDue()
    {
        if (_due.Next is { } next && next > _time.GetUtcNow())
            _time.Advance(next - _time.GetUtcNow());
        await RunDue();
    }

    private async Task Rest() => await Eventually.Is(() => Task.FromResult(_due.IsBusy), busy => !busy, WaitTimeout);

    private void Release()
    {
        _held?.TrySetResult();
        _held = null;
    }

    /// <summary>Removes the document if it was there at the start, like work that completes.</summary>
    private async Task<DateTimeOffset?> Work(Document document, CancellationToken cancellationToken)
    {
        var found = await _store.Storage.Documents.Get(TimerStore.Name, document.Key, cancellationToken);
        var held = _held;
        _worked.Enqueue(document.Key);
        if (document.Key.StartsWith(_failing, StringComparison.Ordinal))
            throw new CircuitOpenException("bank", TimeSpan.FromMinutes(1));
        if (held is not null)
            await held.Task.WaitAsync(WaitTimeout, cancellationToken);
        if (found is not null)
            await Commit(TimerStore.Remove(document.Key, found.Version));
        return _answers.GetValueOrDefault(document.Key);
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
