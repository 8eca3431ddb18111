using Millrace.Consuming;
using Millrace.Consuming.Partitions;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests that the pages that one partition reads are shared with other partitions, within limits.</summary>
public sealed class SharedPageCacheTests
{
    private static readonly LogPageKey First = new(Epoch: 1, Round: 0, From: 1, Limit: 10);

    private readonly ManualTimeProvider _time = new();
    private int _reads;

    [Fact]
    public async Task A_page_is_read_once_for_all_readers()
    {
        var pages = new SharedPageCache(_time);
        var since = _time.GetTimestamp();

        var first = await pages.Read(First, since, Page, default);
        var second = await pages.Read(First, since, Page, default);
        await pages.Read(First with { From = 11 }, since, Page, default);
        await pages.Read(First with { Limit = 5 }, since, Page, default);
        await pages.Read(First with { Epoch = 2 }, since, Page, default);

        Assert.Same(first.Events, second.Events);
        Assert.Equal(4, _reads);
    }

    [Fact]
    public async Task A_read_that_started_after_a_page_was_read_reads_the_page_again()
    {
        var pages = new SharedPageCache(_time);
        await pages.Read(First, _time.GetTimestamp(), Page, default);
        _time.Advance(TimeSpan.FromSeconds(1));

        await pages.Read(First, _time.GetTimestamp(), Page, default);

        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task The_end_of_the_log_is_not_cached()
    {
        var pages = new SharedPageCache(_time);

        for (var i = 0; i < 2; i++)
            await pages.Read(First, _time.GetTimestamp(), cancel => Page(isLive: true), default);

        Assert.Equal(2, _reads);
    }

    [Fact]
    public async Task The_number_of_cached_pages_is_limited()
    {
        var pages = new SharedPageCache(_time);
        var since = _time.GetTimestamp();
        for (var i = 0; i < 40; i++)
            await pages.Read(First with { From = i }, since, Page, default);

        await pages.Read(First with { From = 39 }, since, Page, default);
        await pages.Read(First with { From = 0 }, since, Page, default);

        Assert.Equal(41, _reads);
    }

    [Fact]
    public async Task A_reader_that_waits_for_a_stopped_or_failed_reader_reads_the_page()
    {
        var pages = new SharedPageCache(_time);
        using var stopping = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        var stopped = pages.Read(
            First,
            _time.GetTimestamp(),
            async cancel =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancel);
                return default;
            },
            stopping.Token).AsTask();
        await begun.Task;
        var waiting = pages.Read(First, _time.GetTimestamp(), Page, default).AsTask();

        await stopping.CancelAsync();
        await waiting;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            pages
                .Read(
                    First with
                    {
                        From = 11,
                    },
                    _time.GetTimestamp(),
                    _ => throw new InvalidOperationException("The read failed."),
                    default)
                .AsTask());
        await pages.Read(First with { From = 11 }, _time.GetTimestamp(), Page, default);

        Assert.Equal(2, _reads);
    }

    private ValueTask<FeedBatch> Page(CancellationToken cancellationToken) => Page(isLive: false);

    private ValueTask<FeedBatch> Page(bool isLive)
    {
        Interlocked.Increment(ref _reads);
        return new ValueTask<FeedBatch>(new FeedBatch(new List<RecordedEvent>(), 10, isLive));
    }
}
