using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Access;

/// <summary>Tests which events about access are accepted, and what events that cannot be read do.</summary>
public sealed class AccessEventTests
{
    private const string Grant = """{"to":"user:alice","right":"send  deposit","by":"x","reason":"y"}""";
    private static readonly StreamId Stream = new("$access");
    private static readonly AccessGrantee Alice = AccessGrantee.User("alice");
    private static readonly AccessPermission Deposit = AccessPermission.Send("deposit");
    private static readonly AccessAuthor System = new(null, "test");

    [Theory]
    [InlineData("$access", "access.granted")]
    [InlineData("$access", "access.revoked")]
    [InlineData("$access", "access.declared")]
    [InlineData("$access", "order.noted")]
    [InlineData("account-1", "access.granted")]
    [InlineData("account-1", "access.declared")]
    public async Task Nobody_appends_events_about_access(string stream, string type)
    {
        await using var host = await AccessControlTests.Start();
        var head = await host.Store.GetToken();

        var refused = await Assert.ThrowsAsync<InvalidNameException>(
            () => host.Store.Append(new StreamId(stream), ExpectedVersion.Any, [EventOf(type, Grant)]));

        Assert.Contains("reserved for Millrace", refused.Message, StringComparison.Ordinal);
        Assert.Equal(head, await host.Store.GetToken());
        Assert.False(await Of(host).Allows(AccessUsers.User("alice"), Deposit));
    }

    [Fact]
    public async Task Nobody_removes_events_about_access()
    {
        await using var host = await AccessControlTests.Start();

        await Assert.ThrowsAsync<InvalidNameException>(() => host.Store.Delete(Stream, ExpectedVersion.Any, "test"));
        await Assert.ThrowsAsync<InvalidNameException>(() => host.Store.Truncate(Stream, 2, "test"));
        await Assert.ThrowsAsync<InvalidNameException>(
            () => host.Store.Tombstone(Stream, ExpectedVersion.Any, "test"));

        Assert.Single(await host.Store.ReadStream(Stream).ToListAsync());
    }

    [Fact]
    public async Task A_copied_grant_has_the_canonical_text_and_can_be_revoked()
    {
        await using var host = await AccessControlTests.Start();

        await Copy(host, "access.granted", Grant);

        Assert.Equal("send deposit", (await Of(host).List()).Grants.Single().Right);
        Assert.True(await Of(host).Allows(AccessUsers.User("alice"), Deposit));
        await Of(host).Revoke(Alice, "send deposit", System);
        Assert.False(await Of(host).Allows(AccessUsers.User("alice"), Deposit));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"to":"alice","right":"role clerk","by":"x","reason":"y"}""")]
    [InlineData("""{"to":"user:alice","right":"fly","by":"x","reason":"y"}""")]
    [InlineData("""{"to":"user:alice","right":"role clerk"}""")]
    public async Task A_grant_that_cannot_be_read_gives_nothing_and_stops_nothing(string payload)
    {
        await using var host = await AccessControlTests.Start();

        await Copy(host, "access.granted", payload);

        Assert.Empty((await Of(host).List()).Grants);
        await Of(host).Grant(Alice, "role clerk", System);
        Assert.True(await Of(host).Allows(AccessUsers.User("alice"), Deposit));
        Assert.Single((await AccessControl.Of(host.Store).List()).Grants);
    }

    [Theory]
    [InlineData("access.revoked", "not json")]
    [InlineData("access.revoked", "null")]
    [InlineData("access.revoked", """{"to":"group:staff","right":"role clerk","by":"x","reason":"y"}""")]
    [InlineData("access.suspended", "{}")]
    public async Task After_a_restriction_that_cannot_be_read_nothing_is_allowed(string type, string payload)
    {
        await using var host = await AccessControlTests.Start();
        var alice = AccessUsers.User("alice");
        await Of(host).Grant(Alice, "role clerk", System);
        Assert.True(await Of(host).Allows(alice, Deposit));
        var push = Of(host).WaitUntilDenied(alice, Deposit);

        await Copy(host, type, payload);

        await Assert.ThrowsAnyAsync<MillraceException>(() => push.WaitAsync(TimeSpan.FromSeconds(30)));
        var failure = await Assert.ThrowsAnyAsync<MillraceException>(
            () => Of(host).Allows(alice, Deposit).AsTask());
        await Assert.ThrowsAnyAsync<MillraceException>(async () => await host.Commands.Send(
            new OpenAccount(Guid.CreateVersion7(), "Ada"), new SendOptions { User = AccessUsers.User("c", "clerk") }));
        await Assert.ThrowsAnyAsync<MillraceException>(
            () => AccessControl.Of(host.Store).Allows(alice, Deposit).AsTask());
        Assert.Contains(type, failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_declaration_that_cannot_be_read_concerns_only_those_who_use_the_recorded_roles()
    {
        await using var host = await AccessControlTests.Start();

        await Copy(host, "access.declared", """{"roles":[null],"names":{}}""");

        await Assert.ThrowsAnyAsync<MillraceException>(() => AccessControl.Of(host.Store).List().AsTask());
        Assert.True(await Of(host).Allows(AccessUsers.User("carl", "clerk"), Deposit));
    }

    private static AccessControl Of(BankHost host) => host.Services.GetRequiredService<AccessControl>();

    private static NewEvent EventOf(string type, string payload) =>
        NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(payload));

    /// <summary>Appends an event about access as a tool that copies a store.</summary>
    private static async Task Copy(BankHost host, string type, string payload)
    {
        await host.Store.Append(new AppendRequest { CopiesReservedEvents = true }
            .To(Stream, ExpectedVersion.Any, EventOf(type, payload)));
        try
        {
            await Of(host).List(); // Reads the end of the log.
        }
        catch (MillraceException)
        {
            // The tests examine the failure.
        }
    }
}
