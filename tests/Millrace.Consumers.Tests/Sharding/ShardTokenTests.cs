using Millrace.Streams;

namespace Millrace.Tests;

/// <summary>Tests consistency tokens with positions in several shards.</summary>
public sealed class ShardTokenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_token_is_the_same_after_it_was_written_and_parsed(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 200; i++)
        {
            var token = ConsistencyToken.InShards(
                Enumerable.Range(0, random.Next(1, 100)).Select(number => new ShardPosition(
                    $"shard-{number}", random.NextInt64(1, long.MaxValue), random.NextInt64(0, long.MaxValue))));

            Assert.Equal(token, ConsistencyToken.Parse(token.ToString()));
            Assert.Equal(token.GetHashCode(), ConsistencyToken.Parse(token.ToString()).GetHashCode());
            Assert.Equal(Uri.EscapeDataString(token.ToString()), token.ToString());
        }
    }

    [Fact]
    public void Changed_texts_are_refused_or_are_other_tokens()
    {
        var token = ConsistencyToken.InShard("eu-1", 3, 70).With(ConsistencyToken.InShard("eu-2", 1, 900_000));
        var text = token.ToString();

        for (var i = 0; i < text.Length; i++)
        {
            foreach (var character in "A_.0z")
            {
                var changed = text[..i] + character + text[(i + 1)..];
                if (changed != text && ConsistencyToken.TryParse(changed, null, out var other))
                    Assert.True(other != token || other.ToString() == text);
            }
            Assert.False(ConsistencyToken.TryParse(text[..i], null, out _) && text[..i] == text);
        }
        Assert.False(ConsistencyToken.TryParse("." + new string('A', 1_000_000), null, out _));
    }

    [Fact]
    public void Two_tokens_are_combined_to_the_later_position_of_each_shard()
    {
        var combined = ConsistencyToken.InShard("a", 1, 5)
            .With(ConsistencyToken.InShard("b", 2, 1))
            .With(ConsistencyToken.InShard("a", 1, 4))
            .With(ConsistencyToken.InShard("b", 1, 9))
            .With(default);

        Assert.Equal(new ConsistencyToken(1, 5), combined.For("a", isHome: false));
        Assert.Equal(new ConsistencyToken(2, 1), combined.For("b", isHome: false));
        Assert.True(combined.For("c", isHome: false).IsNone);
        Assert.Equal(new ConsistencyToken(4, 8), new ConsistencyToken(3, 9).With(new ConsistencyToken(4, 8)));
    }

    [Fact]
    public void A_token_of_a_single_store_refers_to_the_home_shard_also_when_it_is_combined()
    {
        var before = new ConsistencyToken(2, 7);

        var combined = before.With(ConsistencyToken.InShard("b", 1, 3));

        Assert.Equal(before, before.For("a", isHome: true));
        Assert.True(before.For("b", isHome: false).IsNone);
        Assert.Equal(before, ConsistencyToken.Parse(combined.ToString()).For("a", isHome: true));
        Assert.Equal(new ConsistencyToken(1, 3), combined.For("b", isHome: false));
    }
}
