using Millrace.Security;

namespace Millrace.Tests.Security;

/// <summary>Tests of limits of members below the top level.</summary>
public sealed class MemberLimitsTests
{
    [Theory]
    [InlineData("address", "address.street", "address.street", "")]
    [InlineData("address.street", "address.city", "", "")]
    [InlineData("address.street,email", "address", "address.street", "")]
    [InlineData("a", "a", "a", "")]
    [InlineData("a", "ab", "", "")]
    public void Of_two_rules_a_member_is_hidden_only_if_both_hide_it(
        string first, string second, string hidden, string masked)
    {
        var one = MemberLimits.Of(Names(first), []);
        var other = MemberLimits.Of(Names(second), []);

        foreach (var combined in (MemberLimits[])[one.CombineWith(other), other.CombineWith(one)])
            Assert.Equal(
                (hidden, masked), (string.Join(',', combined.Hidden), string.Join(',', combined.Masked)));
    }

    [Fact]
    public void Equal_limits_are_combined_once()
    {
        var (one, other) = (MemberLimits.Of(["a"], ["b"]), MemberLimits.Of(["a", "b"], []));

        Assert.Same(one.CombineWith(other), one.CombineWith(other));
    }

    [Fact]
    public void A_hidden_parent_and_a_masked_child_mask_the_child()
    {
        var combined = MemberLimits.Of(["address"], []).CombineWith(MemberLimits.Of([], ["address.street"]));

        Assert.Equal([], combined.Hidden);
        Assert.Equal(["address.street"], combined.Masked);
    }

    [Theory]
    [InlineData("address.street", "address", true)]
    [InlineData("address", "address.street", false)]
    [InlineData("address", "address", true)]
    public void Limits_allow_at_least_what_stricter_limits_allow(string limits, string stricter, bool expected) =>
        Assert.Equal(
            expected, MemberLimits.Of(Names(limits), []).AllowsAtLeast(MemberLimits.Of(Names(stricter), [])));

    [Fact]
    public void A_limit_below_a_member_is_a_limit_of_the_member_for_sorting()
    {
        var limits = MemberLimits.Of(["address.street"], []);

        Assert.True(limits.Contains("address"));
        Assert.False(limits.Contains("add"));
        Assert.True(limits.Hides("address.street.number"));
        Assert.False(limits.Hides("address"));
    }

    private static string[] Names(string text) => text.Split(',');
}
