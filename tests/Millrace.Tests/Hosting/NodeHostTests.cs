using Millrace.Hosting.Nodes;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Hosting;

/// <summary>Tests the drain of a stopping node, and the wait of a starting one.</summary>
public sealed class NodeHostTests : IDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private readonly NodeDrain _drain;
    private TimeSpan _delay = Delay;

    public NodeHostTests() => _drain = new NodeDrain(lifetime: null, () => _delay);

    public void Dispose()
    {
        ((IDisposable)_drain).Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task The_node_is_draining_for_the_delay_before_the_host_stops_other_services()
    {
        var stopping = Host().StoppingAsync(CancellationToken.None);
        await _time.WaitForTimers(1).WaitAsync(TestData.WaitTimeout);

        Assert.True(_drain.IsDraining);
        _time.Advance(Delay - TimeSpan.FromMilliseconds(1));
        Assert.False(stopping.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await stopping.WaitAsync(TestData.WaitTimeout);
    }

    [Fact]
    public async Task Without_a_delay_the_node_stops_at_once()
    {
        _delay = TimeSpan.Zero;

        await Host().StoppingAsync(CancellationToken.None).WaitAsync(TestData.WaitTimeout);

        Assert.True(_drain.IsDraining);
    }

    [Fact]
    public async Task The_drain_ends_with_the_shutdown_timeout()
    {
        using var timeout = new CancellationTokenSource();
        var stopping = Host().StoppingAsync(timeout.Token);

        await timeout.CancelAsync();

        await stopping.WaitAsync(TestData.WaitTimeout);
    }

    [Fact]
    public async Task A_start_waits_for_a_store_that_cannot_be_reached()
    {
        var attempts = 0;
        var opening = new StoreOpener(TimeSpan.FromSeconds(10), _time, _log.CreateLogger("opener")).Open(
            _ => ++attempts < 4
                ? throw new StorageException("It cannot be reached.", StorageProblem.Unavailable)
                : Task.CompletedTask,
            CancellationToken.None);

        await Eventually.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            return opening.IsCompleted;
        });

        await opening;
        Assert.Equal([5021], _log.Entries.Select(entry => entry.Id));
    }

    [Theory]
    [InlineData(StorageProblem.Unavailable, 0)]
    [InlineData(StorageProblem.TooNew, 10)]
    public async Task A_start_fails_at_once_without_a_timeout_or_if_waiting_does_not_help(
        StorageProblem problem, int seconds)
    {
        var opener = new StoreOpener(TimeSpan.FromSeconds(seconds), _time, _log.CreateLogger("opener"));

        await Assert.ThrowsAsync<StorageException>(() =>
            opener.Open(_ => throw new StorageException("It cannot be opened.", problem), CancellationToken.None));
    }

    private NodeHost Host() => new(
        new StoreMonitor(static () => throw new InvalidOperationException("No store."), _time, _log.CreateLogger("")),
        _drain,
        _time,
        _log.CreateLogger("host"));
}
