using Millrace.Queries;

namespace Millrace.Caching.Tests;

/// <summary>Tests of the remembered positions of invalidated tags.</summary>
public sealed class TagPositionsTests
{
    private const int MaxTags = 100;

    [Fact]
    public void A_tag_or_a_pattern_invalidates_answers_from_before_its_position()
    {
        var tags = new TagPositions(0, MaxTags);

        tags.Invalidate("parcel:1", 5);
        tags.Invalidate("list:*", 7);

        Assert.False(tags.AreValid(["parcel:1"], 4));
        Assert.True(tags.AreValid(["parcel:1"], 5));
        Assert.True(tags.AreValid(["parcel:2"], 4));
        Assert.False(tags.AreValid(["parcel:2", "list:hall"], 6));
        Assert.True(tags.AreValid(["list:hall"], 7));
    }

    [Fact]
    public void Tags_and_patterns_that_alternate_are_both_limited()
    {
        var tags = new TagPositions(0, MaxTags);

        for (var i = 1; i <= 10_000; i++)
        {
            tags.Invalidate($"parcel:{i}", i);
            tags.Invalidate("list:*", i);
        }

        Assert.InRange(tags.Count, 1, 2 * MaxTags);
        Assert.False(tags.AreValid(["parcel:1"], 0));
        Assert.False(tags.AreValid(["other"], 100));
        Assert.True(tags.AreValid(["other"], 10_000));
    }

    [Fact]
    public void Patterns_are_limited()
    {
        var tags = new TagPositions(0, MaxTags);

        for (var i = 1; i <= 10_000; i++)
        {
            tags.Invalidate($"parcel:{i}", i);
            tags.Invalidate($"list:{i}:*", i);
        }

        Assert.InRange(tags.Count, 2, 4 * MaxTags);
        Assert.False(tags.AreValid(["list:1:a"], 0));
        Assert.False(tags.AreValid(["list:10000:a"], 9_999));
    }

    [Fact]
    public void The_pattern_of_all_tags_invalidates_every_answer()
    {
        var tags = new TagPositions(0, MaxTags);

        tags.Invalidate("*", 5);

        Assert.False(tags.AreValid([], 4));
        Assert.True(tags.AreValid(["parcel:1"], 5));
    }
}
