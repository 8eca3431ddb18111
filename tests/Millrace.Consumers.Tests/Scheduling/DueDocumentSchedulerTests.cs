using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Scheduling;

/// <summary>What is due is worked on, whoever tells of it, and is looked for no more often than that needs.</summary>
public sealed class DueDocumentSchedulerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> _worked = [];
    private readonly ConcurrentDictionary<string, DateTimeOffset?> _answers = [];
    private readonly ManualTimeProvider _time = new(Now);
    private string _failing = "none"; // How the keys begin whose work fails.
    private TaskCompletionSource? _held; // What work waits for before its end.
    private Action? _asked; // What happens before something is asked of the collection.
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
    public async Task One_that_is_begun_at_once_is_worked_on_without_a_look()
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
    public async Task One_that_is_written_while_it_is_in_hand_is_looked_at_afterwards()
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
    public async Task One_that_ends_while_it_is_looked_for_is_not_worked_on_again()
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
                return; // The first asks what is due, and the second what comes next: it ends in between.
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
    public async Task It_looks_again_when_the_work_has_said()
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
    public async Task It_looks_by_the_earliest_time_that_was_told()
    {
        await RunDue();

        _due.NoteDue(Now.AddHours(2));
        _due.NoteDue(null);
        _due.NoteDue(Now.AddHours(1));
        _due.NoteDue(Now.AddHours(3));

        Assert.Equal(Now.AddHours(1), _due.Next);
    }

    [Fact]
    public async Task More_than_it_keeps_in_mind_are_all_worked_on()
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

        Assert.Null(_due.Next); // There is enough in hand.
        Release();
        await Rest();
        while (_due.Next <= Now)
            await RunDue();

        Assert.Equal(keys.Order(StringComparer.Ordinal), _worked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_time_is_not_forgotten_while_something_waits_to_be_begun()
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
    public async Task Nothing_is_begun_when_it_has_ended_and_all_is_found_when_it_begins_again()
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
    public async Task What_fails_does_not_hold_up_what_was_due_later(int others)
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
        Assert.Equal(Failing, _worked.Distinct().Count()); // All come again.
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

    /// <summary>Removes the document, if it was there at the beginning, as work does that comes to its end.</summary>
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
