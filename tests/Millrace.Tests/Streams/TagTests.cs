using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Tests.Streams;

public sealed class TagTests
{
    [Theory]
    [InlineData("customer:42", "customer", "42")]
    [InlineData("a:b:c", "a", "b:c")]
    [InlineData("a:", "a", "")]
    [InlineData("😀:😀", "😀", "😀")]
    public void The_first_colon_separates_name_and_value(string text, string name, string value)
    {
        var tag = Tag.Parse(text);

        Assert.Equal((name, value, text), (tag.Name, tag.Value, tag.ToString()));
        Assert.Equal(tag, new Tag(name, value));
    }

    [Fact]
    public void A_text_that_cannot_be_a_tag_is_refused()
    {
        foreach (
            var text in new[] { "", "customer", ":42", "a:\0", "a:\ud800", "\udc00:a", "a:😀\ud83d", "a:\ude00\ud83d" }
        )
            Assert.Equal(("tag", text), (Assert.Throws<InvalidNameException>(() => Tag.Parse(text)).Kind, text));
    }

    [Fact]
    public void A_name_with_a_colon_is_refused() =>
        Assert.Equal("tag name", Assert.Throws<InvalidNameException>(() => new Tag("a:b", "c")).Kind);

    [Fact]
    public void A_tag_has_at_most_256_characters()
    {
        Assert.Equal(256, new Tag("n", new string('x', 254)).ToString().Length);
        Assert.Throws<InvalidNameException>(() => new Tag("n", new string('x', 255)));
    }

    [Fact]
    public void The_default_value_names_no_tag()
    {
        Assert.Throws<InvalidOperationException>(() => default(Tag).Name);
        Assert.Throws<InvalidOperationException>(() => default(Tag).Value);
    }

    [Fact]
    public void A_tag_is_parsed_back_from_its_text() => Prop.ForAll<NonNull<string>, NonNull<string>>((name, value) =>
    {
        try
        {
            var tag = new Tag(name.Get, value.Get);
            return Tag.Parse(tag.ToString()) == tag && tag.Name == name.Get && tag.Value == value.Get;
        }
        catch (InvalidNameException)
        {
            return true;
        }
    }).QuickCheckThrowOnFailure();
}
