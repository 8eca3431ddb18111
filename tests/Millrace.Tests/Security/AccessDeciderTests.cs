using System.Security.Claims;
using Millrace.Security;

namespace Millrace.Tests.Security;

public sealed class AccessDeciderTests
{
    private static readonly AccessGrantee Alice = AccessGrantee.User("alice");

    [Fact]
    public void Without_a_rule_everything_is_denied()
    {
        var outcome = Decide(AccessRules.Empty, "send place-order", "alice", "clerk");

        Assert.False(outcome.IsAllowed);
        Assert.Null(outcome.Rule);
        Assert.Equal("send place-order", outcome.Permission.ToString());
    }

    [Fact]
    public void A_role_from_a_claim_gives_its_rights_and_no_others()
    {
        var rules = Roles(("clerk", ["send place-order", "ask order-list"]));

        Assert.True(Decide(rules, "send place-order", "alice", "clerk").IsAllowed);
        Assert.False(Decide(rules, "send place-order", "alice").IsAllowed);
        Assert.False(Decide(rules, "ask place-order", "alice", "clerk").IsAllowed);
        Assert.False(Decide(rules, "send Place-Order", "alice", "clerk").IsAllowed);
    }

    [Fact]
    public void A_granted_role_with_an_included_role_gives_the_rights_with_its_path()
    {
        var rules = Roles(("clerk", ["send place-order"]), ("manager", ["role clerk"]))
            .With(Grant(Alice, "role manager", 7));

        var outcome = Decide(rules, "send place-order", "alice");

        Assert.True(outcome.IsAllowed);
        Assert.Equal(["user:alice", "role:manager", "role:clerk"], outcome.Path.Select(holder => holder.ToString()));
        Assert.False(Decide(rules.Without(Alice, "role manager"), "send place-order", "alice").IsAllowed);
    }

    [Fact]
    public void Roles_that_include_each_other_end()
    {
        var rules = Roles(("a", ["role b"]), ("b", ["role a", "send x"]));

        Assert.True(Decide(rules, "send x", "alice", "a").IsAllowed);
        Assert.False(Decide(rules, "send y", "alice", "a").IsAllowed);
    }

    [Fact]
    public void An_owner_sends_only_what_belongs_to_him()
    {
        var rules = Roles(("customer", ["send pay if customerId is sub"]));

        Assert.True(Decide(rules, "send pay", "alice", "customer", "customerId", "alice").IsAllowed);
        Assert.False(Decide(rules, "send pay", "alice", "customer", "customerId", "bob").IsAllowed);
        Assert.False(Decide(rules, "send pay", "alice", "customer", "customerId", "").IsAllowed);
        Assert.False(Decide(rules, "send pay", "alice", "customer").IsAllowed);
    }

    [Fact]
    public void A_stream_and_a_tenant_are_compared_with_claims()
    {
        var rules = Roles(("customer", ["read order if key is sub", "enter * if name is tenant"]));
        var subject = AccessSubject.Of("alice", ["customer"], [new("tenant", "acme")], AccessClaims.Default);

        Assert.True(Allows(AccessPermission.Read(new StreamId("order-alice"))));
        Assert.False(Allows(AccessPermission.Read(new StreamId("order-bob"))));
        Assert.False(Allows(AccessPermission.Read(new StreamId("order"))));
        Assert.False(Allows(AccessPermission.Read(new StreamId("orders-alice"))));
        Assert.False(Allows(AccessPermission.Parse("read order")));
        Assert.True(Allows(AccessPermission.Enter("acme")));
        Assert.False(Allows(AccessPermission.Enter("other")));

        bool Allows(AccessPermission wanted) => AccessDecider.Decide(subject, wanted, null, rules).IsAllowed;
    }

    [Fact]
    public void A_member_is_as_visible_as_the_best_rule_allows()
    {
        var rules = Roles(
            ("clerk", ["view customer without email, phone masking iban"]),
            ("teller", ["view customer without phone, iban masking email"]),
            ("manager", ["view *"]));

        var clerk = Decide(rules, "view customer", "alice", "clerk");
        var both = Decide(rules, "view customer", "alice", "clerk", "", "", "teller");
        var all = Decide(rules, "view customer", "alice", "clerk", "", "", "manager");

        Assert.Equal(["email", "phone"], clerk.Limits.Hidden);
        Assert.Equal(["iban"], clerk.Limits.Masked);
        Assert.Equal(["phone"], both.Limits.Hidden);
        Assert.Equal(["email", "iban"], both.Limits.Masked);
        Assert.True(all.Limits.IsNone);
    }

    [Fact]
    public void Claims_of_an_identity_that_is_not_authenticated_give_nothing()
    {
        var rules = Roles(("clerk", ["send x"]), ("anonymous", ["ask y"]), ("authenticated", ["ask z"]));
        var forged = new ClaimsPrincipal(
            new ClaimsIdentity([new System.Security.Claims.Claim("role", "clerk"), new("sub", "alice")]));
        var signedIn = new ClaimsPrincipal(
            new ClaimsIdentity([new System.Security.Claims.Claim("role", "anonymous"), new("sub", "alice")], "test"));

        Assert.False(Allows(forged, "send x"));
        Assert.True(Allows(forged, "ask y"));
        Assert.False(Allows(forged, "ask z"));
        Assert.False(Allows(signedIn, "ask y"));
        Assert.True(Allows(signedIn, "ask z"));
        Assert.False(Allows(null, "ask z"));

        bool Allows(ClaimsPrincipal? user, string permission) => AccessDecider.Decide(
            AccessSubject.Of(user, AccessClaims.Default), AccessPermission.Parse(permission), null, rules).IsAllowed;
    }

    [Fact]
    public void A_user_with_two_ids_has_none()
    {
        var user = new ClaimsPrincipal(
        [
            new ClaimsIdentity([new System.Security.Claims.Claim("sub", "alice"), new("tenant", "acme")], "one"),
            new ClaimsIdentity([new System.Security.Claims.Claim("sub", "bob")], "two"),
        ]);

        Assert.Null(AccessSubject.Of(user, AccessClaims.Default).UserId);
        Assert.False(AccessSubject.Of(user, AccessClaims.Default).HasClaim("tenant", "acme"));
        Assert.True(AccessSubject.Of(
            new ClaimsPrincipal(user.Identities.First()), AccessClaims.Default).HasClaim("tenant", "acme"));
        Assert.Equal("bob", AccessSubject.Of(
            new ClaimsPrincipal(user.Identities.ElementAt(1)), AccessClaims.Default).UserId);
    }

    [Theory]
    [InlineData("role manager", "role clerk", null)]
    [InlineData("role clerk", "role clerk", "grant role clerk")]
    [InlineData("grant role clerk", "role clerk", "send place-order")]
    [InlineData("grant *", "send place-order", "send place-order")]
    [InlineData("role manager", "send place-order", "grant send place-order")]
    [InlineData("role manager", "send *", "grant send *")]
    [InlineData("role auditor", "view customer", "view customer")]
    [InlineData("role auditor", "view customer without email", null)]
    public void A_grantor_needs_the_permission_to_grant_and_the_right(string held, string granted, string? missing)
    {
        var rules = Roles(
                ("clerk", ["send place-order"]),
                ("manager", ["role clerk", "grant role clerk"]),
                ("auditor", ["view customer without email", "grant view *"]))
            .With(Grant(Alice, held, 1));
        var subject = AccessSubject.Of("alice", [], [], AccessClaims.Default);

        var found = AccessDecider.FindMissingToGrant(subject, AccessRights.Parse(granted), rules);

        Assert.Equal(missing, found?.ToString());
    }

    internal static AccessRules Roles(params (string Role, string[] Rights)[] roles) => AccessRules.Empty.WithRoles(
        roles.ToDictionary(
            role => role.Role, role => (IReadOnlyList<AccessRight>)[.. role.Rights.Select(AccessRights.Parse)]));

    internal static AccessGrant Grant(AccessGrantee to, string right, long position) =>
        new(to, right, "root", "test") { Position = position };

    private static AccessOutcome Decide(
        AccessRules rules,
        string permission,
        string user,
        string role = "none",
        string attribute = "",
        string value = "",
        string otherRole = "none") =>
        AccessDecider.Decide(
            AccessSubject.Of(user, [role, otherRole], [], AccessClaims.Default),
            AccessPermission.Parse(permission),
            attribute.Length == 0 ? null : name => name == attribute ? value : null,
            rules);
}
