using Millrace.Security;

namespace Millrace.Tests.Security;

public sealed class AccessRightTests
{
    [Theory]
    [InlineData("role clerk", "role clerk")]
    [InlineData("  send   place-order ", "send place-order")]
    [InlineData("read *", "read *")]
    [InlineData("read \"open order\"", "read \"open order\"")]
    [InlineData("send if", "send \"if\"")]
    [InlineData("view x masking phone without email , address", "view x without address, email masking phone")]
    [InlineData("view customer masking email without email", "view customer without email")]
    [InlineData("send pay if b is tenant and a is sub", "send pay if a is sub and b is tenant")]
    [InlineData("grant role clerk", "grant role clerk")]
    [InlineData("grant send *", "grant send *")]
    [InlineData("grant *", "grant *")]
    [InlineData("grant grant role \"the clerk\"", "grant grant role \"the clerk\"")]
    public void A_right_has_one_canonical_text(string text, string canonical)
    {
        var right = AccessRights.Parse(text);

        Assert.Equal(canonical, right.Text);
        Assert.Equal(canonical, AccessRights.Parse(right.Text).Text);
    }

    [Theory]
    [InlineData("", "an action or 'role'")]
    [InlineData("send", "the name of the resource")]
    [InlineData("role", "the name of the role")]
    [InlineData("role clerk manager", "'manager' is not expected")]
    [InlineData("place order", "it must start with send, ask")]
    [InlineData("send place-order now", "'now' is not expected")]
    [InlineData("send place-order without email", "only 'view'")]
    [InlineData("send place-order if customer", "'is' and a claim")]
    [InlineData("send place-order if customer was sub", "a condition is")]
    [InlineData("send place-order and a is b", "'and' is not expected")]
    [InlineData("view customer without", "a member")]
    [InlineData("view customer without email,", "a member")]
    [InlineData("read \"order", "a quotation mark is missing")]
    [InlineData("read ,", "',' is not expected")]
    [InlineData("operate timers if a is b", "cannot have conditions")]
    [InlineData("grant", "the right to grant")]
    [InlineData("grant clerk", "neither an action nor 'role'")]
    [InlineData("grant send", "what may be granted")]
    public void A_malformed_right_is_refused_with_its_problem(string text, string problem)
    {
        var refused = Assert.Throws<AccessRightException>(() => AccessRights.Parse(text));

        Assert.Equal(text, refused.Right);
        Assert.Contains(problem, refused.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, "role clerk", null)]
    [InlineData(8, "*", null)]
    [InlineData(9, "role clerk", "nested more than 8 times")]
    [InlineData(160, "*", "nested more than 8 times")]
    [InlineData(1_000_000, "*", "more than 1,000 characters")]
    public void Nested_rights_are_limited(int nesting, string granted, string? problem)
    {
        var text = string.Concat(Enumerable.Repeat("grant ", nesting)) + granted;

        var refused = Record.Exception(() => Assert.Equal(text, AccessRights.Parse(text).Text));

        Assert.Equal(problem is null, refused is null);
        if (problem is not null)
        {
            Assert.Contains(problem, Assert.IsType<AccessRightException>(refused).Problem, StringComparison.Ordinal);
            Assert.True(refused.Message.Length < 400);
        }
    }

    [Fact]
    public void Names_with_any_characters_survive_the_text_form()
    {
        var random = new Random(31);
        const string Characters = "ab \"\\,\t*é😀if";
        for (var run = 0; run < 2_000; run++)
        {
            var name = string.Concat(
                Enumerable.Range(0, random.Next(1, 6)).Select(_ => Characters[random.Next(Characters.Length)]));
            var rule = new AccessRule(new AccessPermission(AccessAction.View, name))
            {
                Conditions = [new AccessCondition(name, name)],
                Limits = MemberLimits.Of([name], ["other" + name]),
            };

            Assert.Equal(rule, AccessRights.Parse(AccessRights.TextOf(rule)).Rule);
        }
    }

    [Theory]
    [InlineData("grant *", "grant send a", true)]
    [InlineData("grant send *", "grant send a", true)]
    [InlineData("grant send a", "grant send a", true)]
    [InlineData("grant send a", "grant send *", false)]
    [InlineData("grant send *", "grant ask a", false)]
    [InlineData("grant role *", "grant role a", true)]
    [InlineData("grant send *", "grant grant send a", false)]
    [InlineData("grant grant *", "grant grant send a", true)]
    [InlineData("grant grant send *", "grant grant send a", true)]
    [InlineData("send *", "send a", true)]
    [InlineData("send a", "send *", false)]
    [InlineData("send a", "send a if m is sub", true)]
    [InlineData("send a if m is sub", "send a", false)]
    [InlineData("view a without x", "view a", false)]
    [InlineData("view a", "view a without x", true)]
    [InlineData("view a masking x", "view a without x", true)]
    [InlineData("view a without x", "view a masking x", false)]
    public void A_right_covers_what_it_includes(string held, string other, bool isCovered)
        => Assert.Equal(isCovered, AccessRights.Parse(held).Rule!.Covers(AccessRights.Parse(other).Rule!));
}
