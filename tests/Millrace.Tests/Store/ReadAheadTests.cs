using Millrace.Storage.InMemory;

namespace Millrace.Tests.Store;

public sealed class ReadAheadTests : IAsyncLifetime
{
    private const int Events = 20;
    private const int PageEvents = 3;

    private readonly PageReads _storage = NewStorage(); // The store disposes it.
    private EventStore _store = null!; // Each test opens it in InitializeAsync.
    private int _reads;

    public async Task InitializeAsync()
    {
        _store = await TestData.Store(_storage, new StoreOptions
        {
            PageEvents = PageEvents,
            Limits = new EventLimits { MaxPayloadBytes = 2 * 1024 * 1024 },
        });
        for (var i = 1; i <= Events; i++)
            await _store.Append(new StreamId("order-1"), ExpectedVersion.Any, [new Counted(i)]);
        _storage.BeforePage = () =>
        {
            Interlocked.Increment(ref _reads);
            return ValueTask.CompletedTask;
        };
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Reading_only_the_first_events_reads_one_page()
    {
        Assert.Equal(1, NumberOf(await _store.ReadLog(EventFilter.All).FirstAsync()));
        Assert.Equal(3, (await _store.ReadStream(new StreamId("order-1")).Take(3).ToListAsync()).Count);

        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task At_most_one_page_is_read_ahead()
    {
        Assert.Equal(4, (await _store.ReadLog(EventFilter.All).Take(4).ToListAsync()).Count);
        Assert.Equal(3, _reads);

        Assert.Equal(Events, (await _store.ReadLog(EventFilter.All).ToListAsync()).Count);
        Assert.Equal(3 + 7, _reads);
    }

    [Fact]
    public async Task No_page_is_read_ahead_after_a_large_page()
    {
        var film = new StreamId("film-1");
        for (var i = 0; i < 4 * PageEvents; i++)
            await _store.Append(film, ExpectedVersion.Any, [Large()]);
        _reads = 0;

        Assert.Equal(PageEvents + 1, (await _store.ReadStream(film).Take(PageEvents + 1).ToListAsync()).Count);

        Assert.Equal(2, _reads);

        static NewEvent Large() => TestData.Event(payload: $"\"{new string('x', 3 * 1024 * 1024 / 2)}\"");
    }

    [Fact]
    public async Task A_read_can_be_enumerated_several_times_at_the_same_time()
    {
        var log = _store.ReadLog(EventFilter.All);
        await using var first = log.GetAsyncEnumerator();
        await using var second = log.GetAsyncEnumerator();
        for (var i = 1; i <= Events; i++)
        {
            Assert.True(await first.MoveNextAsync());
            Assert.Equal(i, NumberOf(first.Current));
            if (i % 2 == 0)
                Assert.True(await second.MoveNextAsync());
        }

        Assert.Equal(Events / 2, NumberOf(second.Current));
        Assert.False(await first.MoveNextAsync());
        Assert.False(await first.MoveNextAsync());
        Assert.Equal(Enumerable.Range(1, Events), (await log.ToListAsync()).Select(NumberOf));
    }

    [Fact]
    public async Task A_failed_read_ahead_throws_at_the_first_event_of_its_page()
    {
        _storage.BeforePage = () =>
            ++_reads == 3 ? throw new IOException("The disk is gone.") : ValueTask.CompletedTask;
        var numbers = new List<int>();
        await using var log = _store.ReadLog(EventFilter.All).GetAsyncEnumerator();

        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await log.MoveNextAsync())
                numbers.Add(NumberOf(log.Current));
        });

        Assert.Equal([1, 2, 3, 4, 5, 6], numbers);
        Assert.False(await log.MoveNextAsync());
    }

    [Fact]
    public async Task Either_cancellation_token_stops_an_enumeration()
    {
        using var call = new CancellationTokenSource();
        using var enumeration = new CancellationTokenSource();

        Assert.True(await CancelledBy(call) <= 2 * PageEvents);
        Assert.True(await CancelledBy(enumeration) <= 2 * PageEvents);

        async Task<int> CancelledBy(CancellationTokenSource source)
        {
            var read = 0;
            var log = _store.ReadLog(
                EventFilter.All,
                cancellationToken: source == call ? call.Token : new CancellationTokenSource().Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                await foreach (
                    var recorded in log.WithCancellation(source == enumeration ? enumeration.Token : default))
                {
                    if (++read == 4)
                        await source.CancelAsync();
                }
            });
            return read;
        }
    }

    [Fact]
    public async Task Disposing_an_enumerator_waits_for_the_read_ahead()
    {
        var gate = new TaskCompletionSource();
        _storage.BeforePage = async () =>
        {
            if (Interlocked.Increment(ref _reads) == 3)
                await gate.Task;
        };
        var log = _store.ReadLog(EventFilter.All).GetAsyncEnumerator();
        for (var i = 0; i < 4; i++)
            Assert.True(await log.MoveNextAsync());

        var disposal = log.DisposeAsync().AsTask();

        Assert.False(disposal.IsCompleted);
        gate.SetResult();
        await disposal.WaitAsync(TestData.WaitTimeout);
        Assert.Equal(3, _reads);
    }

    private static PageReads NewStorage() => new(new InMemoryStorage());

    private static int NumberOf(RecordedEvent recorded) => Assert.IsType<Counted>(recorded.Data).Number;
}
