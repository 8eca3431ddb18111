using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Access;

public sealed class AccessGrantTests
{
    private static readonly AccessGrantee Alice = AccessGrantee.User("alice");
    private static readonly AccessAuthor Manager = new(AccessUsers.User("mary", "manager"), "vacation cover");

    [Fact]
    public async Task A_granted_role_has_effect_at_once_and_so_has_its_revocation()
    {
        await using var host = await BankHost.StartOnSqlite(
            millrace => millrace.AddAccessControl(AccessControlTests.Declare));
        var access = Of(host);
        var user = new SendOptions { User = AccessUsers.User("alice") };
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await Send(host, user));

        var granted = await access.Grant(Alice, "role clerk", Manager);
        await Send(host, user);
        await access.Revoke(Alice, "role clerk", Manager);

        await Assert.ThrowsAsync<AccessDeniedException>(async () => await Send(host, user));
        Assert.Equal(("mary", "vacation cover", false), (granted.By, granted.Reason, granted.IsBySystem));
        var events = await host.Store.ReadStream(new StreamId("$access")).ToListAsync();
        Assert.Equal(["access.declared", "access.granted", "access.revoked"], events.Select(one => one.Type));
        Assert.Equal("mary", events[2].Metadata.UserId);
        Assert.Equal(
            """{"to":"user:alice","right":"role clerk","by":"mary","reason":"vacation cover"}""",
            Encoding.UTF8.GetString(events[1].Payload.Span));
    }

    [Fact]
    public async Task A_grant_is_known_after_a_restart_and_roles_are_recorded_only_when_they_change()
    {
        var folder = Directory.CreateTempSubdirectory("millrace-access-").FullName;
        try
        {
            foreach (var start in Enumerable.Range(1, 3))
            {
                await using var host = await BankHost.Start(
                    millrace => millrace.AddAccessControl(access =>
                    {
                        AccessControlTests.Declare(access);
                        if (start == 3)
                            access.Role("auditor", role => role.MayRead("account"));
                    }),
                    new Millrace.Sqlite.SqliteStorage(
                        new Millrace.Sqlite.SqliteOptions { Path = Path.Combine(folder, "bank.db") }));
                if (start == 1)
                    await Of(host).Grant(Alice, "send withdraw", Manager);

                Assert.True(await Of(host).Allows(AccessUsers.User("alice"), AccessPermission.Send("withdraw")));
                Assert.Equal(
                    start == 3 ? 2 : 1,
                    await host.Store.Count(EventFilter.All with { Types = ["access.declared"] }));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("clerk", "role clerk", "grant role clerk")]
    [InlineData("manager", "role manager", "grant role manager")]
    [InlineData("manager", "send take-seats", "send take-seats")]
    [InlineData("manager", "send *", "send *")]
    [InlineData("manager", "grant role clerk", "grant grant role clerk")]
    [InlineData("manager", "read account", "grant read account")]
    public async Task Nobody_grants_or_revokes_what_he_may_not_grant(string role, string right, string missing)
    {
        await using var host = await AccessControlTests.Start();
        var author = new AccessAuthor(AccessUsers.User("carl", role), "because");
        await Of(host).Grant(Alice, right, new AccessAuthor(null, "setup"));

        var granted = await Assert.ThrowsAsync<AccessDeniedException>(
            () => Of(host).Grant(AccessGrantee.User("carl"), right, author));
        var revoked = await Assert.ThrowsAsync<AccessDeniedException>(() => Of(host).Revoke(Alice, right, author));

        Assert.Equal((missing, missing), (granted.Permission, revoked.Permission));
        Assert.Single((await Of(host).List()).Grants);
    }

    [Theory]
    [InlineData("user:bob", "role nobody", "grant role nobody")]
    [InlineData("role:nobody", "role clerk", "grant role clerk")]
    [InlineData("user:bob", "send nothing", "grant send nothing")]
    public async Task A_refusal_does_not_show_which_names_exist(string to, string right, string missing)
    {
        await using var host = await AccessControlTests.Start();

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(() => Of(host).Grant(
            AccessGrantee.Parse(to), right, new AccessAuthor(AccessUsers.User("eve"), "look")));

        Assert.Equal(missing, denied.Permission);
    }

    [Fact]
    public async Task A_push_ends_when_the_members_that_the_user_may_see_change()
    {
        await using var host = await BankHost.Start(millrace => millrace
            .AddModel<CustomerList>()
            .AddAccessControl(access => access.Role("clerk", role => role.MayView<Customer>(without: ["email"]))));
        var system = new AccessAuthor(null, "test");
        await Of(host).Grant(Alice, "view customer", system);
        var ended = Of(host).WaitUntilDenied(AccessUsers.User("alice", "clerk"), AccessPermission.View("customer"));

        await Of(host).Grant(Alice, "role clerk", system);
        await Task.Yield();
        Assert.False(ended.IsCompleted);
        await Of(host).Revoke(Alice, "view customer", system);

        await ended.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(await Of(host).Allows(AccessUsers.User("alice", "clerk"), AccessPermission.View("customer")));
    }

    [Fact]
    public async Task Users_who_are_not_signed_in_grant_nothing()
    {
        await using var host = await AccessControlTests.Start();

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(
            () => Of(host).Grant(Alice, "role clerk", new AccessAuthor(AccessUsers.Anonymous, "try")));

        Assert.False(denied.IsAuthenticated);
    }

    [Fact]
    public async Task A_right_that_names_something_unknown_or_has_no_reason_is_refused()
    {
        await using var host = await AccessControlTests.Start();
        var system = new AccessAuthor(null, "setup");

        await Assert.ThrowsAsync<AccessRightException>(() => Of(host).Grant(Alice, "role clrk", system));
        await Assert.ThrowsAsync<AccessRightException>(() => Of(host).Grant(Alice, "send depositt", system));
        await Assert.ThrowsAsync<AccessRightException>(() => Of(host).Grant(Alice, "deposit", system));
        await Assert.ThrowsAsync<AccessRightException>(
            () => Of(host).Grant(AccessGrantee.Role("clrk"), "send deposit", system));
        await Assert.ThrowsAsync<ArgumentException>(
            () => Of(host).Grant(Alice, "role clerk", new AccessAuthor(null, " ")));
        await Assert.ThrowsAsync<AccessGrantNotFoundException>(() => Of(host).Revoke(Alice, "role clerk", system));
        Assert.Empty((await Of(host).List()).Grants);
    }

    [Fact]
    public async Task A_second_equal_grant_changes_nothing()
    {
        await using var host = await AccessControlTests.Start();

        var first = await Of(host).Grant(Alice, "send  deposit", Manager);
        var second = await Of(host).Grant(Alice, "send deposit", new AccessAuthor(null, "again"));

        Assert.Equal(first.Position, second.Position);
        Assert.Equal("mary", second.By);
    }

    [Fact]
    public async Task Of_a_grant_and_the_revocation_of_the_right_behind_it_one_order_holds()
    {
        await using var host = await AccessControlTests.Start();
        var system = new AccessAuthor(null, "setup");
        for (var round = 0; round < 50; round++)
        {
            var (deputy, friend) = ($"deputy{round}", AccessGrantee.User($"friend{round}"));
            await Of(host).Grant(AccessGrantee.User(deputy), "role manager", system);

            var grant = Task.Run(() => Of(host).Grant(
                friend, "role clerk", new AccessAuthor(AccessUsers.User(deputy), "race")));
            var revoke = Task.Run(() => Of(host).Revoke(AccessGrantee.User(deputy), "role manager", system));
            await revoke;
            var denied = await Record.ExceptionAsync(() => grant);

            // Either the grant came first, or it was refused: never a grant after the revocation.
            var log = await host.Store.ReadStreamBackwards(new StreamId("$access")).Take(2).ToListAsync();
            Assert.Equal(["access.revoked", "access.granted"], log.Select(one => one.Type));
            Assert.Equal(denied is null, (await Of(host).List()).Grants.Any(one => one.To == friend));
            if (denied is not null)
                Assert.Equal("grant role clerk", Assert.IsType<AccessDeniedException>(denied).Permission);
        }
    }

    [Fact]
    public async Task An_explanation_has_the_rule_its_way_and_its_grant_at_any_position()
    {
        await using var host = await AccessControlTests.Start();
        var access = Of(host);
        var user = await access.UserOf("alice");
        var granted = await access.Grant(Alice, "role manager", new AccessAuthor(null, "setup") { Name = "root" });
        await access.Grant(Alice, "role customer", new AccessAuthor(null, "setup"));

        var deposit = await access.Explain(user, AccessPermission.Send("deposit"));
        var before = await access.Explain(user, AccessPermission.Send("deposit"), granted.Position - 1);
        var seats = await access.Explain(user, AccessPermission.Send("take-seats"));

        Assert.Equal((true, "send deposit"), (deposit.IsAllowed, deposit.Rule));
        Assert.Equal(["user:alice", "role:manager", "role:clerk"], deposit.Path.Select(one => one.ToString()));
        Assert.Equal(["authenticated", "manager", "customer", "clerk"], deposit.Roles);
        Assert.Equal((false, null), (before.IsAllowed, before.Rule));
        Assert.Equal((false, "send take-seats"), (seats.IsAllowed, seats.Permission));
    }

    [Fact]
    public async Task An_explanation_shows_rules_with_conditions_and_limits_of_members()
    {
        await using var host = await BankHost.Start(millrace => millrace
            .AddModel<CustomerList>()
            .AddAccessControl(access => access
                .Role("clerk", role => role.MayView<Customer>(without: ["email"], masking: ["phone"]))
                .Role("customer", role => role.MaySend<Withdraw>(ownedBy: "account"))));
        var user = await Of(host).UserOf("carl", ["clerk", "customer"]);

        var withdraw = await Of(host).Explain(user, AccessPermission.Send("withdraw"));
        var email = await Of(host).Explain(user, AccessPermission.Parse("view customer.email"));
        var phone = await Of(host).Explain(user, AccessPermission.Parse("view customer.phone"));

        Assert.Equal(["send withdraw if account is sub"], withdraw.ConditionalRules);
        Assert.False(withdraw.IsAllowed);
        Assert.Equal((false, "view customer.email"), (email.IsAllowed, email.Permission));
        Assert.Equal((true, "phone"), (phone.IsAllowed, phone.MaskedMembers.Single()));
    }

    [Fact]
    public async Task A_tool_reads_the_rules_from_the_store_alone()
    {
        await using var host = await AccessControlTests.Start();
        await Of(host).Grant(Alice, "role clerk", Manager);
        var tool = AccessControl.Of(host.Store);

        var listed = await tool.List();

        Assert.Equal(["clerk", "customer", "manager"], listed.Roles.Select(role => role.Name));
        Assert.Equal("role clerk", listed.Grants.Single().Right);
        Assert.True(await tool.Allows(await tool.UserOf("alice"), AccessPermission.Send("deposit")));
        await Assert.ThrowsAsync<AccessRightException>(
            () => tool.Grant(Alice, "send depositt", new AccessAuthor(null, "typo")));
        await Assert.ThrowsAsync<AccessRightException>(
            () => tool.Grant(Alice, "grant role clrk", new AccessAuthor(null, "typo")));
        await tool.Grant(Alice, "grant role *", new AccessAuthor(null, "all"));
    }

    [Fact]
    public async Task A_caller_waits_until_a_permission_is_revoked()
    {
        await using var host = await AccessControlTests.Start();
        var permission = AccessPermission.Send("deposit");
        await Of(host).Grant(Alice, "role clerk", Manager);

        var ended = Of(host).WaitUntilDenied(AccessUsers.User("alice"), permission);
        await Of(host).Grant(Alice, "send withdraw", Manager);
        await Task.Yield();
        Assert.False(ended.IsCompleted);
        await Of(host).Revoke(Alice, "role clerk", Manager);

        await ended.WaitAsync(TimeSpan.FromSeconds(30));
        await Of(host).WaitUntilDenied(AccessUsers.User("bob"), permission);
    }

    private static AccessControl Of(BankHost host) => host.Services.GetRequiredService<AccessControl>();

    private static async Task Send(BankHost host, SendOptions options) =>
        await host.Commands.Send(new OpenAccount(Guid.CreateVersion7(), "Ada"), options);
}
