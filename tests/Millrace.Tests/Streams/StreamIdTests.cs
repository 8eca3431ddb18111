using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Tests.Streams;

public sealed class StreamIdTests
{
    [Theory]
    [InlineData("order-42", "order", "42")]
    [InlineData("order", "order", "")]
    [InlineData("order-", "order", "")]
    [InlineData("-42", "", "42")]
    [InlineData("order-a-b", "order", "a-b")]
    [InlineData("😀-😀", "😀", "😀")]
    public void The_first_dash_separates_category_and_key(string name, string category, string key)
    {
        var stream = new StreamId(name);

        Assert.Equal((name, category, key), (stream.Value, stream.Category, stream.Key));
    }

    [Fact]
    public void A_name_that_cannot_be_stored_is_refused()
    {
        foreach (var name in new[] { "", "a\0b", "\ud83d", "a\ude00", "\ude00\ud83d", "😀\ud83d" })
        {
            var refused = Assert.Throws<InvalidNameException>(() => new StreamId(name));

            Assert.Equal(("stream name", name), (refused.Kind, refused.Name));
            Assert.False(StreamId.TryParse(name, out _));
        }
    }

    [Fact]
    public void A_name_has_at_most_512_bytes_of_UTF8()
    {
        Assert.Equal(512, new StreamId(new string('x', 512)).Value.Length);
        Assert.Equal(256, new StreamId(new string('é', 256)).Value.Length);
        Assert.Throws<InvalidNameException>(() => new StreamId(new string('x', 513)));
        Assert.Throws<InvalidNameException>(() => new StreamId(new string('é', 257)));
        Assert.Throws<InvalidNameException>(() => new StreamId(string.Concat(Enumerable.Repeat("😀", 129))));
    }

    [Fact]
    public void The_default_value_names_no_stream()
    {
        Assert.Throws<InvalidOperationException>(() => default(StreamId).Value);
        Assert.Equal("(no stream)", default(StreamId).ToString());
        Assert.Throws<ArgumentNullException>(() => new StreamId(null!));
    }

    [Fact]
    public void A_key_is_formatted_invariantly_and_a_category_contains_no_dash()
    {
        Assert.Equal("order-1.5", StreamId.For("order", 1.5m).Value);
        Assert.Equal("order-00000001-0000-0000-0000-000000000000", StreamId.For("order", TestData.Id(1)).Value);
        Assert.Throws<InvalidNameException>(() => StreamId.For("my-order", 1));
    }

    [Fact]
    public void A_key_whose_type_has_no_text_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => StreamId.For("order", new Unmarked()));

        Assert.Contains("Unmarked cannot be a key", refused.Message, StringComparison.Ordinal);
        Assert.Contains("[Id<Guid>]", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => StreamId.For("order", new byte[] { 1 }));
        Assert.Throws<ArgumentException>(() => StreamId.For<object>("order", new Unmarked()));
        Assert.Equal("order-Friday", StreamId.For("order", DayOfWeek.Friday).Value);
        Assert.Equal("order-x", StreamId.For<object>("order", "x").Value);
    }

    private readonly record struct Unmarked;

    [Fact]
    public void Names_are_ordered_by_their_UTF8_bytes() =>
        Prop.ForAll<NonNull<string>, NonNull<string>>(
                (left, right) =>
                {
                    if (!StreamId.TryParse(left.Get, out var first) || !StreamId.TryParse(right.Get, out var second))
                        return true;
                    var bytes = Encoding
                        .UTF8.GetBytes(first.Value)
                        .AsSpan()
                        .SequenceCompareTo(Encoding.UTF8.GetBytes(second.Value));
                    return Math.Sign(first.CompareTo(second)) == Math.Sign(bytes);
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("\uffff", "😀")]
    [InlineData("\ue000", "\U0010ffff")]
    [InlineData("a😀", "a😁")]
    [InlineData("a", "a😀")]
    public void Characters_beyond_the_basic_plane_are_ordered_last(string less, string more) =>
        Assert.True(
            new StreamId(less).CompareTo(new StreamId(more)) < 0 && new StreamId(more).CompareTo(new StreamId(less)) > 0
        );

    [Fact]
    public void Any_text_is_parsed_or_refused() => Prop.ForAll<string>(text =>
    {
        var isName = StreamId.TryParse(text, out var stream);
        return !isName || (stream.Value == text && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text);
    }).QuickCheckThrowOnFailure();
}
