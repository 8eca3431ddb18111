namespace Millrace.Tests.Retention;

/// <summary>Tests the end of retention periods.</summary>
public sealed class RetentionPeriodTests
{
    [Theory]
    [InlineData("30 days", "2026-01-01T12:00:00Z", "2026-01-31T12:00:00Z")]
    [InlineData("5 minutes", "2026-03-29T00:58:00Z", "2026-03-29T01:03:00Z")]
    [InlineData("1 hour", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("1 year", "2024-02-29T12:00:00Z", "2025-03-01T12:00:00Z")]
    [InlineData("4 years", "2024-02-29T12:00:00Z", "2028-02-29T12:00:00Z")]
    [InlineData("1 month", "2026-01-31T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("1 month", "2024-01-31T00:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData("12 months", "2023-02-28T23:59:59Z", "2024-02-28T23:59:59Z")]
    [InlineData("10 years", "2026-06-30T22:00:00-02:00", "2036-07-01T00:00:00Z")]
    public void A_period_ends_by_the_calendar_and_never_early(string period, string start, string end)
    {
        Assert.True(RetentionPeriod.TryParse(period, out var parsed));

        Assert.Equal(Parse(end), parsed.ExpiryOf(Parse(start)));
        Assert.Equal(period, parsed.ToString());
    }

    [Fact]
    public void A_period_beyond_the_calendar_never_ends() =>
        Assert.Equal(DateTimeOffset.MaxValue, RetentionPeriod.Years(1_000).ExpiryOf(Parse("9999-01-01T00:00:00Z")));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0 days")]
    [InlineData("-1 days")]
    [InlineData("3 weeks")]
    [InlineData("99999999999 days")]
    [InlineData("1001 years")]
    public void Other_texts_are_not_periods(string? text) => Assert.False(RetentionPeriod.TryParse(text, out _));

    [Fact]
    public void A_period_that_was_not_set_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => default(RetentionPeriod).ExpiryOf(DateTimeOffset.UnixEpoch));
        Assert.Throws<InvalidOperationException>(() => RetentionPeriod.Days(0).ExpiryOf(DateTimeOffset.UnixEpoch));
        Assert.Throws<InvalidOperationException>(() => RetentionPeriod.Years(1_001).ExpiryOf(DateTimeOffset.UnixEpoch));
    }

    private static DateTimeOffset Parse(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
