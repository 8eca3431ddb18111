using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Hosting.Nodes;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Hosting;

/// <summary>Tests how a node notices that its store does not answer, and that it answers again.</summary>
public sealed class StoreMonitorTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly StorageException Lost = new("It cannot be reached.", StorageProblem.Unavailable);

    private readonly ManualTimeProvider _time = new();
    private readonly PingedStorage _storage = new();
    private readonly RecordedLog _log = new();
    private readonly FailingLog _writerLog = new();
    private StoreMonitor? _monitor;
    private EventStore? _store;

    private StoreMonitor Monitor => _monitor ?? throw new InvalidOperationException("It was not started.");

    private EventStore Store => _store ?? throw new InvalidOperationException("It was not started.");

    public async Task InitializeAsync()
    {
        _store = await EventStore.Open(_storage, TestData.Types, time: _time, loggers: _writerLog);
        var provider = new ServiceCollection().AddSingleton(_store).BuildServiceProvider();
        _monitor = new StoreMonitor(() => NodeStore.Of(provider), _time, _log.CreateLogger("monitor"));
        Assert.False(_monitor.IsReachable);
        _monitor.Start();
        await Eventually.Until(() => _monitor.IsReachable);
    }

    public async Task DisposeAsync()
    {
        await Monitor.Stop().WaitAsync(TestData.WaitTimeout);
        var closing = Store.DisposeAsync().AsTask();
        await Eventually.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // A writer that ended does not drain its queue.
            return closing.IsCompleted;
        });
        await closing;
    }

    public void Dispose()
    {
        _monitor?.Dispose();
        _writerLog.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void A_lost_store_is_noticed_within_two_seconds() =>
        Assert.True(StoreMonitor.Interval + StoreMonitor.Timeout < TimeSpan.FromSeconds(2));

    [Fact]
    public async Task A_failed_check_counts_until_the_next_good_one()
    {
        _storage.OnPing = static _ => throw Lost;
        await Until(() => !Monitor.IsReachable);

        _storage.OnPing = static _ => Task.CompletedTask;
        await Until(() => Monitor.IsReachable);

        Assert.Equal(
            [(LogLevel.Warning, 5022), (LogLevel.Information, 5023)],
            _log.Entries.Select(entry => (entry.Level, entry.Id)));
    }

    [Fact]
    public async Task A_hanging_check_does_not_delay_the_next_one()
    {
        var hanging = new TaskCompletionSource();
        _storage.OnPing = _ => hanging.Task;
        await Until(() => !Monitor.IsReachable);

        _storage.OnPing = static _ => Task.CompletedTask;
        await Until(() => Monitor.IsReachable);

        hanging.SetException(Lost); // The late answer does not count.
        var pings = _storage.Pings;
        await Until(() => _storage.Pings > pings + 1);
        Assert.True(Monitor.IsReachable);
    }

    [Fact]
    public async Task A_hanging_check_is_cancelled()
    {
        var cancelled = new TaskCompletionSource();
        _storage.OnPing = async cancel =>
        {
            await using var registration = cancel.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
        };

        await Until(() => cancelled.Task.IsCompleted);
    }

    [Fact]
    public async Task The_number_of_hanging_checks_is_limited()
    {
        var before = _storage.Pings;
        var hanging = new TaskCompletionSource();
        _storage.OnPing = _ => hanging.Task;

        await Until(() => _storage.Pings == before + StoreMonitor.MaxHangingChecks);
        for (var i = 0; i < 100; i++)
            _time.Advance(StoreMonitor.Timeout);
        await Until(() => !Monitor.IsReachable);
        Assert.Equal(before + StoreMonitor.MaxHangingChecks, _storage.Pings);

        hanging.SetResult();
        await Until(() => Monitor.IsReachable);
    }

    [Fact]
    public async Task A_busy_store_that_commits_is_reachable()
    {
        var before = _storage.Pings;
        _storage.OnPing = async cancel =>
        {
            await Append();
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancel);
        };

        await Until(() =>
        {
            Assert.True(Monitor.IsReachable);
            return _storage.Pings > before + 3;
        });
    }

    [Fact]
    public async Task An_append_that_cannot_reach_the_store_counts_at_once()
    {
        _storage.Faults.BeforeCommit = static (_, _) => throw Lost;

        await Assert.ThrowsAsync<StorageException>(() => Append());

        Assert.False(Monitor.IsReachable);
        await Until(() => Monitor.IsReachable);
    }

    [Fact]
    public async Task A_refused_append_does_not_count()
    {
        await Append();

        await Assert.ThrowsAsync<VersionConflictException>(() =>
            Store.Append(new StreamId("order-1"), ExpectedVersion.NoStream, [TestData.Event()]));

        Assert.True(Monitor.IsReachable);
    }

    [Fact]
    public async Task A_writer_that_ended_with_an_error_is_reported()
    {
        Assert.False(Monitor.HasFailed);
        _writerLog.Fails = true;
        var permit = new TaskCompletionSource();
        _storage.Faults.BeforeCommit = async (_, _) =>
        {
            await permit.Task;
            throw Lost;
        };

        var first = Append(); // Commits on its caller, so that the writer commits the second one.
        _ = Append();
        permit.SetResult();

        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        await Eventually.Until(() => Monitor.HasFailed);
    }

    private Task<AppendResult> Append() =>
        Store.Append(new StreamId("order-1"), ExpectedVersion.Any, [TestData.Event()]);

    /// <summary>Advances the clock until a condition is met.</summary>
    private Task Until(Func<bool> condition) => Eventually.Until(() =>
    {
        _time.Advance(Step);
        return condition();
    });

    /// <summary>A log that can fail, so that the writer ends while it reports a failed commit.</summary>
    private sealed class FailingLog : ILoggerFactory, ILogger
    {
        public bool Fails { get; set; }

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (Fails)
                throw new InvalidOperationException("The log fails.");
        }

        public void Dispose()
        {
        }
    }
}
