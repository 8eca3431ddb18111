using Microsoft.Extensions.Logging;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Store;

/// <summary>Tests how a node notices the events of other nodes.</summary>
public sealed class LogWatcherTests : IDisposable
{
    private static readonly StreamId Stream = new("order-1");

    private readonly InMemoryStorage _storage = new();
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLog _log = new();

    [Fact]
    public async Task Events_of_another_node_are_noticed()
    {
        await using var node = await EventStore.Open(_storage, TestData.Types);
        await using var other = await TestData.Store(_storage);

        await other.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]);

        await node.Tail.WaitBeyond(0, CancellationToken.None).AsTask().WaitAsync(TestData.WaitTimeout);
    }

    [Fact]
    public async Task A_watcher_continues_after_any_storage_failure_and_logs_the_failure_once()
    {
        var faults = new FaultInjectingStorage(_storage);
        await using var node = await EventStore.Open(faults, TestData.Types, time: _time, loggers: _log);
        await using var other = await TestData.Store(_storage);
        var reads = 0;
        faults.BeforeRead = () => ++reads > 5 ? ValueTask.CompletedTask : throw UnexpectedException(reads);

        await other.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]);
        foreach (var seconds in new[] { 1, 2, 4, 8, 10 })
            await PassPause(TimeSpan.FromSeconds(seconds));

        await node.Tail.WaitBeyond(0, CancellationToken.None).AsTask().WaitAsync(TestData.WaitTimeout);
        await node.DisposeAsync();
        Assert.Equal(
            [(LogLevel.Warning, 1002), (LogLevel.Information, 1004)],
            _log.Entries.Select(entry => (entry.Level, entry.Id)));
    }

    [Fact]
    public async Task A_store_is_closed_without_delay_while_its_watcher_fails()
    {
        var faults = new FaultInjectingStorage(_storage);
        var node = await EventStore.Open(faults, TestData.Types, time: _time, loggers: _log);
        await using var other = await TestData.Store(_storage);
        faults.BeforeRead = () => throw new InvalidOperationException("odd");
        await other.Append(Stream, ExpectedVersion.NoStream, [TestData.Event()]);
        await _time.WaitForTimers(1).WaitAsync(TestData.WaitTimeout);

        await node.DisposeAsync().AsTask().WaitAsync(TestData.WaitTimeout);
    }

    public void Dispose()
    {
        _storage.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _log.Dispose();
    }

    private static Exception UnexpectedException(int number) =>
        number % 2 == 0 ? new InvalidOperationException("odd") : new OperationCanceledException();

    /// <summary>
    /// Waits until the watcher pauses, checks that it pauses for the whole time, and ends the pause.
    /// </summary>
    private async Task PassPause(TimeSpan pause)
    {
        await _time.WaitForTimers(1).WaitAsync(TestData.WaitTimeout);
        _time.Advance(pause - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _time.ArmedTimers);
        _time.Advance(TimeSpan.FromMilliseconds(1));
    }
}
