using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Tests.Streams;

/// <summary>Tests the validation of expected versions, tokens, claims, conditions and filters.</summary>
public sealed class ValueTests
{
    [Fact]
    public void An_expected_version_accepts_only_the_versions_it_names()
    {
        Assert.True(ExpectedVersion.Any.Accepts(0) && ExpectedVersion.Any.Accepts(7));
        Assert.True(ExpectedVersion.NoStream.Accepts(0) && !ExpectedVersion.NoStream.Accepts(1));
        Assert.True(ExpectedVersion.StreamExists.Accepts(1) && !ExpectedVersion.StreamExists.Accepts(0));
        Assert.True(ExpectedVersion.Exactly(3).Accepts(3) && !ExpectedVersion.Exactly(3).Accepts(2));
        Assert.Equal(ExpectedVersion.NoStream, ExpectedVersion.AsRead(0));
        Assert.Equal(ExpectedVersion.Exactly(5), ExpectedVersion.AsRead(5));
    }

    [Fact]
    public void The_default_expected_version_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => default(ExpectedVersion).Accepts(1));
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => ExpectedVersion.Exactly(0));
        Assert.Contains("use NoStream", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ExpectedVersion.AsRead(-1));
        Assert.Throws<ArgumentException>(() => new AppendRequest().To(new StreamId("a"), default, new object()));
        Assert.Throws<ArgumentException>(() => new AppendRequest().To(default, ExpectedVersion.Any, new object()));
        Assert.Throws<ArgumentException>(() => new AppendRequest().To(new StreamId("a"), ExpectedVersion.Any));
    }

    [Fact]
    public void A_token_is_parsed_back_from_its_text() =>
        Prop.ForAll<PositiveInt, PositiveInt>(
                (epoch, position) =>
                {
                    var token = new ConsistencyToken(epoch.Get, position.Get);
                    return ConsistencyToken.Parse(token.ToString()) == token
                        && Uri.EscapeDataString(token.ToString()) == token.ToString();
                }
            )
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("AQAAAAAAAAABAAAAAAAAAAEAQAAAAAAAAABAAAAAAAAAAE")]
    [InlineData("_____________________w8")]
    public void A_text_that_is_not_a_token_is_refused(string? text)
    {
        Assert.False(ConsistencyToken.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => ConsistencyToken.Parse(text!));
    }

    [Fact]
    public void Any_text_is_parsed_as_a_token_or_refused() =>
        Prop.ForAll<string>(text =>
                !ConsistencyToken.TryParse(text, null, out var token)
                || token.IsNone
                || ConsistencyToken.Parse(token.ToString()) == token)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_default_token_is_empty() =>
        Assert.Equal((true, ""), (default(ConsistencyToken).IsNone, default(ConsistencyToken).ToString()));

    [Theory]
    [InlineData("", "v", "o")]
    [InlineData("s", "", "o")]
    [InlineData("s", "v", "")]
    public void A_claim_without_scope_value_or_owner_is_refused(string scope, string value, string owner)
    {
        Assert.ThrowsAny<ArgumentException>(() => Claim.Acquire(scope, value, owner));
        Assert.ThrowsAny<ArgumentException>(() => Claim.Release(scope, value, owner));
    }

    [Fact]
    public void A_claim_that_cannot_be_stored_is_refused()
    {
        foreach (var text in new[] { "a\0", "\ud800", "\udc00x", "😀\ud83d", new string('x', 513) })
        {
            Assert.Throws<InvalidNameException>(() => Claim.Acquire(text, "value", "owner"));
            Assert.Throws<InvalidNameException>(() => Claim.Acquire("scope", text, "owner"));
            Assert.Throws<InvalidNameException>(() => Claim.Release("scope", "value", text));
        }
    }

    [Fact]
    public void A_condition_requires_types_or_tags()
    {
        Assert.Throws<ArgumentException>(() => new AppendCondition(EventFilter.All, 0));
        Assert.Throws<ArgumentException>(() => new AppendCondition(EventFilter.InStreams("a"), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AppendCondition(EventFilter.OfTypes("a"), -1));
        Assert.Equal(3, new AppendCondition(EventFilter.WithTags(new Tag("a", "b")), 3).After);
    }

    [Fact]
    public void The_text_of_a_filter_describes_it()
    {
        Assert.Equal("every event", EventFilter.All.ToString());
        Assert.Equal(
            "events of type a or b tagged c:d in streams 'e…' from f",
            new EventFilter
            {
                Types = ["a", "b"],
                Tags = [new Tag("c", "d")],
                StreamPrefix = "e",
                Source = "f",
            }.ToString());
    }
}
