using System.Security.Claims;
using System.Security.Principal;
using Millrace.Orleans.Calls;
using SecurityClaim = System.Security.Claims.Claim;

namespace Millrace.Orleans.Tests;

/// <summary>Tests of users that nodes send to each other.</summary>
public sealed class UserFormatTests
{
    private static readonly SecurityClaim[] Claims = [new("sub", "alice"), new("role", "clerk")];

    [Fact]
    public void A_user_with_several_identities_is_read_as_it_was_written()
    {
        var first = new ClaimsIdentity(Claims, "cookie", "sub", "role") { Label = "label", Actor = new("actor") };
        var user = new ClaimsPrincipal([first, new ClaimsIdentity([new SecurityClaim("scope", "all")])]);

        var read = UserFormat.Read(UserFormat.Write(user));

        Assert.True(UserFormat.CanWrite(user));
        Assert.Equal(user.Claims.Select(TextOf), read.Claims.Select(TextOf));
        Assert.Equal(2, read.Identities.Count());
        Assert.True(read.IsInRole("clerk"));
        var identity = read.Identities.First();
        Assert.Equal(("alice", "cookie", "label", "actor"),
            (identity.Name, identity.AuthenticationType, identity.Label, identity.Actor?.AuthenticationType));
    }

    [Theory]
    [InlineData(StringComparison.Ordinal, false)]
    [InlineData(StringComparison.OrdinalIgnoreCase, true)]
    public void Types_of_claims_are_compared_as_before(StringComparison comparison, bool isFound)
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity(null, Claims, "token", "sub", "ROLE", comparison));

        var read = UserFormat.Read(UserFormat.Write(user));

        Assert.Equal((isFound, isFound), (user.IsInRole("clerk"), read.IsInRole("clerk")));
    }

    [Fact]
    public void A_user_that_would_decide_differently_after_it_was_read_is_not_written()
    {
        Assert.True(UserFormat.CanWrite(null));
        Assert.True(UserFormat.CanWrite(new ClaimsPrincipal()));
        Assert.False(UserFormat.CanWrite(new GenericPrincipal(new GenericIdentity("alice"), ["clerk"])));
        Assert.False(UserFormat.CanWrite(new ClaimsPrincipal(new GenericIdentity("alice"))));
        var withContext = new ClaimsIdentity("token") { BootstrapContext = new object() };
        Assert.False(UserFormat.CanWrite(new ClaimsPrincipal(withContext)));
    }

    private static string TextOf(SecurityClaim claim) => $"{claim.Type} {claim.Value} {claim.ValueType} {claim.Issuer}";
}
