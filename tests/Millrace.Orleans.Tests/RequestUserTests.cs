namespace Millrace.Orleans.Tests;

/// <summary>
/// Tests of routed commands whose handlers send commands and queries without a user. They act for the user of the
/// request, as without routing.
/// </summary>
public sealed class RequestUserTests(MemoryNode node) : IClassFixture<MemoryNode>
{
    [Fact]
    public async Task A_nested_command_is_denied_to_the_user_of_the_request()
    {
        node.Request.Current = Cluster.UserOf("bob", "teller");
        var other = new AccountId("denied");

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(
            () => node.Send(new Transfer(new AccountId("bob"), other)));

        Assert.Equal("send deposit", denied.Permission);
        Assert.Empty(await node.UsersOf(other));
    }

    [Fact]
    public async Task The_events_of_a_nested_command_name_the_user_of_the_request()
    {
        node.Request.Current = Cluster.Clerk;
        var (account, other) = (new AccountId("alice"), new AccountId("allowed"));

        var result = await node.Send(new Transfer(account, other));

        Assert.True(result.Value.IsRouted);
        Assert.Equal(["alice"], await node.UsersOf(account));
        Assert.Equal(["alice"], await node.UsersOf(other));
    }

    [Fact]
    public async Task The_user_of_the_options_is_only_that_of_the_outer_command()
    {
        node.Request.Current = Cluster.Clerk;
        var (account, other) = (new AccountId("bob's"), new AccountId("alice's"));

        var result = await node.Send(
            new Transfer(account, other), new SendOptions { User = Cluster.UserOf("bob", "teller") });

        Assert.True(result.Value.IsRouted);
        Assert.Equal(["bob"], await node.UsersOf(account));
        Assert.Equal(["alice"], await node.UsersOf(other));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "owner@example.org")] // Without a request, code acts for the system.
    public async Task A_nested_query_hides_what_the_user_of_the_request_may_not_view(bool hasRequest, string? expected)
    {
        node.Request.Current = hasRequest ? Cluster.UserOf("bob", "teller") : null;

        var result = await node.Send(new Inspect(new AccountId($"inspected-{hasRequest}")));

        Assert.Equal(new Trace(IsRouted: true, expected), result.Value);
    }
}
