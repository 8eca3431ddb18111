using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Testing;
using Shop;
using Shop.Orders;

namespace Millrace.Moves.Tests;

/// <summary>
/// An application that appends continuously, runs a consumer and a read model, and can follow a moved store.
/// </summary>
internal sealed class RunningShop : IAsyncDisposable
{
    private static readonly DateOnly Day = new(2030, 5, 6);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3); // Long, because the machine may be busy.

    private readonly IHost _host;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentBag<(long Position, Guid Id, string Stream)> _acknowledged = [];
    private readonly ConcurrentQueue<long> _handled = new();
    private Task[] _writers = [];
    private long _longestWait;

    private RunningShop(Action<MillraceBuilder> storage)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            storage(millrace);
            // A long lease, so that a pause of the machine does not repeat an event for a consumer.
            millrace.ConfigureConsumers(options => options.LeaseDuration = TimeSpan.FromMinutes(1));
            millrace.AddModel<Sales>().AddConsumer("witness", EventFilter.All, (handled, _) =>
            {
                _handled.Enqueue(handled.Position);
                return default;
            });
        });
        _host = builder.Build();
    }

    /// <summary>Gets the acknowledged events.</summary>
    public IReadOnlyCollection<(long Position, Guid Id, string Stream)> Acknowledged => _acknowledged;

    /// <summary>Gets the positions that the consumer handled, in order.</summary>
    public IReadOnlyCollection<long> Handled => _handled;

    /// <summary>Gets the longest wait of a writer.</summary>
    public TimeSpan LongestWait => TimeSpan.FromTicks(Interlocked.Read(ref _longestWait));

    public EventStore Store => _host.Services.GetRequiredService<EventStore>();

    public static async Task<RunningShop> Start(Action<MillraceBuilder> storage)
    {
        var shop = new RunningShop(storage);
        await shop._host.StartAsync();
        return shop;
    }

    /// <summary>Starts writers that append.</summary>
    public void StartWriters(int writers) =>
        _writers = [.. Enumerable.Range(0, writers).Select(number => Task.Run(() => Write(number)))];

    /// <summary>Waits until more appends than the given number are acknowledged.</summary>
    public Task WaitForWriters(int acknowledged) =>
        Eventually.Until(() => _acknowledged.Count > acknowledged, WaitTimeout);

    /// <summary>Stops the writers and throws the exception of a writer, if any.</summary>
    public async Task StopWriters()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_writers);
    }

    /// <summary>Returns the read model as of a token.</summary>
    public async Task<decimal> Total(ConsistencyToken token)
    {
        var sales = _host.Services.GetRequiredService<IReadModel<DateOnly, DailySales>>();
        var result = await sales.Get(Day, new ReadAfter(token, WaitTimeout));
        Assert.Equal("fresh", result.Freshness.ToString());
        return result.Value?.Total ?? 0;
    }

    /// <summary>
    /// Checks that every acknowledged event is stored once at its position. Also checks that the consumer handled each
    /// event once.
    /// </summary>
    /// <param name="stores">The stores, of which the file contains the events now.</param>
    /// <param name="others">The number of events of other writers.</param>
    public async Task Check(MoveStores stores, int others)
    {
        var log = new Dictionary<long, Guid>();
        await using var storage = stores.Sqlite();
        await storage.Open(default);
        var head = (await storage.Log.GetHead(default)).Position;
        for (var next = 1L; next <= head;)
        {
            var page = await storage.Log.ReadLog(
                new LogPageQuery(EventFilter.All, next, IsBackwards: false, 1_000), default);
            foreach (var read in page.Events)
                log.Add(read.Position, read.Id);
            next = page.Next;
        }
        Assert.Equal(Enumerable.Range(1, (int)head).Select(position => (long)position), log.Keys);
        Assert.Equal(log.Count, log.Values.Distinct().Count());
        Assert.All(Acknowledged, append => Assert.Equal(append.Id, log[append.Position]));
        Assert.Equal(others + Acknowledged.Count, log.Count);
        await Eventually.Until(() => _handled.Count >= log.Count, WaitTimeout);
        Assert.Equal(log.Keys.Order(), Handled.Order());
        Assert.True((await storage.Maintenance.Verify(null, default)).IsSound);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _host.StopAsync();
        _host.Dispose();
        _closing.Dispose();
    }

    private async Task Write(int number)
    {
        var stream = new StreamId($"order-{number}");
        while (!_closing.IsCancellationRequested)
        {
            var id = Guid.CreateVersion7();
            var started = TimeProvider.System.GetTimestamp();
            var done = await Store.Append(
                stream,
                ExpectedVersion.Any,
                [new NewEvent(new OrderPlaced(1, Day)) { Id = id }]);
            RecordWait(TimeProvider.System.GetElapsedTime(started));
            _acknowledged.Add((done.Position, id, stream.Value));
        }
    }

    private void RecordWait(TimeSpan waited)
    {
        for (
            var known = Interlocked.Read(ref _longestWait);
            waited.Ticks > known;
            known = Interlocked.Read(ref _longestWait))
        {
            if (Interlocked.CompareExchange(ref _longestWait, waited.Ticks, known) == known)
                return;
        }
    }
}
