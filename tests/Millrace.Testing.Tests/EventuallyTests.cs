namespace Millrace.Testing.Tests;

public sealed class EventuallyTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task What_did_not_come_is_reported_with_what_was_seen_last()
    {
        var told = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.Is(static () => Task.FromResult(7), static seen => seen > 7, Moment));

        Assert.EndsWith("The last value was: 7", told.Message);
    }

    [Fact]
    public async Task A_collection_is_reported_by_its_items()
    {
        var seen = Enumerable.Range(1, 25).ToList();

        var told = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.Is(() => Task.FromResult(seen), static all => all.Count > 25, Moment));

        Assert.EndsWith(
            "The last value was: 25 items: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, …",
            told.Message);
    }

    [Fact]
    public async Task What_comes_is_returned()
    {
        var looked = 0;

        Assert.Equal(3, await Eventually.Is(() => Task.FromResult(++looked), static seen => seen == 3));
    }
}
