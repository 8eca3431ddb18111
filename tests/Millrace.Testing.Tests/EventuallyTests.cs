namespace Millrace.Testing.Tests;

public sealed class EventuallyTests
{
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task A_timeout_is_reported_with_the_last_value()
    {
        var timeout = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.Get(static () => Task.FromResult(7), static seen => seen > 7, ShortTimeout));

        Assert.EndsWith("The last value was: 7", timeout.Message);
    }

    [Fact]
    public async Task A_timeout_of_a_collection_is_reported_with_its_items()
    {
        var numbers = Enumerable.Range(1, 25).ToList();

        var timeout = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.Get(() => Task.FromResult(numbers), static all => all.Count > 25, ShortTimeout));

        Assert.EndsWith(
            "The last value was: 25 items: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, …",
            timeout.Message);
    }

    [Fact]
    public async Task The_value_that_satisfies_the_condition_is_returned()
    {
        var reads = 0;

        Assert.Equal(3, await Eventually.Get(() => Task.FromResult(++reads), static seen => seen == 3));
    }
}
