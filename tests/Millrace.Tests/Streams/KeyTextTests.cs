using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;

namespace Millrace.Tests.Streams;

public sealed class KeyTextTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Flags]
    public enum Rights
    {
        None,
        Read = 1,
        Write = 2,
    }

    [Fact]
    public void Two_times_within_one_second_have_different_texts()
    {
        var (early, late) = (Noon.AddMilliseconds(250), Noon.AddMilliseconds(750));

        Assert.Equal("reading-2026-01-01T12:00:00.2500000+00:00", StreamId.For("reading", early).Value);
        Assert.NotEqual(StreamId.For("reading", early), StreamId.For("reading", late));
        Assert.NotEqual(KeyText.Of(early.UtcDateTime), KeyText.Of(early.UtcDateTime.AddTicks(1)));
    }

    [Fact]
    public void The_text_of_a_time_contains_the_seconds()
    {
        var (early, late) = (new TimeOnly(9, 30, 15), new TimeOnly(9, 30, 45));

        Assert.NotEqual(StreamId.For("slot", early), StreamId.For("slot", late));
        Assert.Equal(early, KeyText.Parse<TimeOnly>(KeyText.Of(early)));
    }

    [Fact]
    public void Equal_keys_have_the_same_text()
    {
        Assert.Equal(KeyText.Of(Noon), KeyText.Of(Noon.ToOffset(TimeSpan.FromHours(2))));
        Assert.Equal(["1", "1", "1"], new[] { 1.0m, 1.00m, 1m }.Select(KeyText.Of));
        Assert.Equal(["100", "100", "0", "0"], new[] { 100m, 100.0m, -0.0m, 0.000m }.Select(KeyText.Of));
        Assert.Equal(KeyText.Of(0.0), KeyText.Of(-0.0));
        Assert.Equal(KeyText.Of(0f), KeyText.Of(-0f));
        Assert.Equal(KeyText.Of(Half.Zero), KeyText.Of(Half.NegativeZero));
        Assert.Equal(KeyText.Of(double.NaN), KeyText.Of(-double.NaN));
        Assert.Equal(
            KeyText.Of(DateTime.SpecifyKind(Noon.UtcDateTime, DateTimeKind.Local)),
            KeyText.Of(DateTime.SpecifyKind(Noon.UtcDateTime, DateTimeKind.Utc)));
    }

    [Fact]
    public void The_stored_text_of_each_type_never_changes()
    {
        Assert.Equal("a, b", KeyText.Of("a, b"));
        Assert.Equal("00000001-0000-0000-0000-000000000000", KeyText.Of(TestData.Id(1)));
        Assert.Equal("x", KeyText.Of('x'));
        Assert.Equal("😀", KeyText.Of(new Rune(0x1F600)));
        Assert.Equal("true", KeyText.Of(true));
        Assert.Equal("-42", KeyText.Of(-42));
        Assert.Equal("18446744073709551615", KeyText.Of(ulong.MaxValue));
        Assert.Equal("-170141183460469231731687303715884105728", KeyText.Of(Int128.MinValue));
        Assert.Equal("100000000000000000000000000000000000000000", KeyText.Of(BigInteger.Pow(10, 41)));
        Assert.Equal("1.5", KeyText.Of(1.50m));
        Assert.Equal("0.0000000000000000000000000001", KeyText.Of(0.0000000000000000000000000001m));
        Assert.Equal("1E+300", KeyText.Of(1e300));
        Assert.Equal("0.1", KeyText.Of(0.1f));
        Assert.Equal("2026-01-01", KeyText.Of(new DateOnly(2026, 1, 1)));
        Assert.Equal("09:30:15.0000000", KeyText.Of(new TimeOnly(9, 30, 15)));
        Assert.Equal("2026-01-01T12:00:00.0000000", KeyText.Of(Noon.UtcDateTime));
        Assert.Equal("2026-01-01T12:00:00.0000000+00:00", KeyText.Of(Noon));
        Assert.Equal("1.02:03:04.0000005", KeyText.Of(new TimeSpan(1, 2, 3, 4).Add(TimeSpan.FromTicks(5))));
        Assert.Equal("Friday", KeyText.Of(DayOfWeek.Friday));
        Assert.Equal("Read, Write", KeyText.Of(Rights.Read | Rights.Write));
        Assert.Equal("64", KeyText.Of((Rights)64));
        Assert.Equal("1.2.3", KeyText.Of(new Version(1, 2, 3)));
        Assert.Equal("order-1", KeyText.Of(new StreamId("order-1")));
    }

    [Fact]
    public void The_texts_of_earlier_versions_are_parsed()
    {
        Assert.Equal(Noon, KeyText.Parse<DateTimeOffset>("01/01/2026 12:00:00 +00:00"));
        Assert.Equal(Noon.UtcDateTime, KeyText.Parse<DateTime>("01/01/2026 12:00:00"));
        Assert.Equal(Noon.UtcDateTime, KeyText.Parse<DateTime>("2026-01-01T12:00:00.0000000Z"));
        Assert.Equal(new DateOnly(2026, 2, 1), KeyText.Parse<DateOnly>("02/01/2026"));
        Assert.Equal(new TimeOnly(9, 30), KeyText.Parse<TimeOnly>("09:30"));
        Assert.Equal(1.0m, KeyText.Parse<decimal>("1.00"));
        Assert.True(KeyText.Parse<bool>("True"));
    }

    [Fact]
    public void A_type_without_a_text_that_identifies_its_values_is_refused()
    {
        AssertRefused(("a, b", "c"));
        AssertRefused((1.5m, 2));
        AssertRefused((Country: "de", City: "Köln"));
        AssertRefused(new { Country = "de" });
        AssertRefused(new Uri("https://example.org/#a"));
        AssertRefused(IPAddress.Loopback);
        AssertRefused(Complex.One);
        AssertRefused(new Ranked(1));
        AssertRefused(new Written(1));
        AssertRefused<object>(new Ranked(1));
        AssertRefused<IFormattable>(1);
        AssertRefused(new byte[] { 1 });
    }

    [Fact]
    public void A_text_that_no_storage_can_store_is_refused()
    {
        foreach (var text in new[] { "\ud800", "a\ude00", "a\0b" })
            Assert.Equal("key", Assert.Throws<InvalidNameException>(() => KeyText.Of(text)).Kind);
        Assert.Throws<InvalidNameException>(() => KeyText.Of('\ud800'));
        Assert.Throws<ArgumentNullException>(() => KeyText.Of((string)null!));
        Assert.Throws<FormatException>(() => KeyText.Parse<DayOfWeek>("Someday"));
        Assert.Throws<FormatException>(() => KeyText.Parse<Rune>("ab"));
    }

    [Fact]
    public void Tags_and_claims_use_the_same_text_as_keys()
    {
        Assert.Equal(new Tag("price", "1"), Tag.For("price", 1.00m));
        Assert.Equal("1", Claim.Acquire("price", 1.00m, "ada").Value);
        Assert.Equal("2026-01-01", Claim.Release("day", new DateOnly(2026, 1, 1), "ada").Value);
        Assert.Throws<ArgumentException>(() => Tag.For("place", (1, 2)));
    }

    private static void AssertRefused<TKey>(TKey key)
        where TKey : notnull =>
        Assert.Contains(
            "cannot be a key",
            Assert.Throws<ArgumentException>(() => KeyText.Of(key)).Message,
            StringComparison.Ordinal);

    private readonly record struct Ranked(int Rank) : IComparable<Ranked>
    {
        public int CompareTo(Ranked other) => Rank.CompareTo(other.Rank);
    }

    private readonly record struct Written(int Number) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? provider) =>
            Number.ToString(format, CultureInfo.InvariantCulture);
    }
}
