using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Access;

public sealed class AccessControlTests
{
    [Fact]
    public async Task A_user_sends_only_what_a_role_allows_and_the_denial_names_the_permission()
    {
        await using var host = await Start();
        var clerk = new SendOptions { User = AccessUsers.User("carl", "clerk") };
        var account = Guid.CreateVersion7();

        await host.Commands.Send(new OpenAccount(account, "Ada"), clerk);
        var denied = await Assert.ThrowsAsync<AccessDeniedException>(
            async () => await host.Commands.Send(new Withdraw(account, 1), clerk));
        var anonymous = await Assert.ThrowsAsync<AccessDeniedException>(async () =>
            await host.Commands.Send(new Deposit(account, 1), new SendOptions { User = AccessUsers.Anonymous }));

        Assert.Equal(("withdraw", "send withdraw", true), (denied.Name, denied.Permission, denied.IsAuthenticated));
        Assert.Equal("'withdraw' is not allowed: the permission 'send withdraw' is missing.", denied.Message);
        Assert.Equal(("send deposit", false), (anonymous.Permission, anonymous.IsAuthenticated));
    }

    [Fact]
    public async Task Code_without_a_user_acts_for_the_system()
    {
        await using var host = await Start();

        var account = await host.Open(balance: 5);

        Assert.Equal(5, (await host.Queries.Ask(new GetBalance(account))).Value.Amount);
    }

    [Fact]
    public async Task A_query_needs_its_own_permission()
    {
        await using var host = await Start();
        var account = await host.Open(balance: 5);

        var allowed = await host.Queries.Ask(
            new GetBalance(account), new AskOptions { User = AccessUsers.User("mary", "manager") });
        var denied = await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Queries.Ask(
            new GetBalance(account), new AskOptions { User = AccessUsers.User("carl", "clerk") }));

        Assert.Equal(5, allowed.Value.Amount);
        Assert.Equal("ask get-balance", denied.Permission);
    }

    [Fact]
    public async Task An_owner_uses_only_the_own_account()
    {
        await using var host = await Start();
        var (own, other) = (await host.Open(balance: 5), await host.Open(balance: 5));
        var owner = new SendOptions { User = AccessUsers.User(own.ToString(), "customer") };

        await host.Commands.Send(new Withdraw(own, 1), owner);
        await Assert.ThrowsAsync<AccessDeniedException>(
            async () => await host.Commands.Send(new Withdraw(other, 1), owner));

        Assert.Equal((4, 5), (await host.BalanceOf(own), await host.BalanceOf(other)));
    }

    [Fact]
    public async Task Handlers_without_a_context_are_checked()
    {
        await using var host = await Start();

        await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Commands.Send(
            new Ping(1), new SendOptions { User = AccessUsers.User("carl", "clerk") }));
    }

    [Fact]
    public async Task Other_authorizers_must_allow_as_well()
    {
        await using var host = await Start(millrace => millrace.Services.AddSingleton<IAuthorizer>(new Nobody()));

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Commands.Send(
            new OpenAccount(Guid.CreateVersion7(), "Ada"), new SendOptions { User = AccessUsers.User("c", "clerk") }));

        Assert.Equal(("closed", null), (denied.Reason, denied.Permission));
    }

    [Fact]
    public async Task The_user_of_the_scope_is_used_if_the_command_has_none()
    {
        await using var host = await Start(millrace =>
            millrace.Services.AddScoped<IRequestUser>(_ => new RequestUser(AccessUsers.Anonymous)));
        await using var request = host.Services.CreateAsyncScope();
        var bus = request.ServiceProvider.GetRequiredService<ICommandBus>();

        await Assert.ThrowsAsync<AccessDeniedException>(async () => await bus.Send(new Ping(1)));
        var system = await host.Commands.Send(new Ping(1));

        Assert.Equal(2, system.Value);
    }

    [Fact]
    public async Task An_idempotency_key_belongs_to_the_configured_user()
    {
        var current = new RequestUser(UserWith("uid", "alice"));
        await using var host = await Start(millrace =>
        {
            millrace.AddAccessControl(access =>
            {
                access.UserIdClaim = "uid";
                access.Role("authenticated", role => role.MaySend<Deposit>());
            });
            millrace.Services.AddScoped<IRequestUser>(_ => current);
        });
        var account = await host.Open(balance: 5);
        var key = new SendOptions { IdempotencyKey = "k" };
        await using var request = host.Services.CreateAsyncScope();
        var bus = request.ServiceProvider.GetRequiredService<ICommandBus>();

        var alice = await bus.Send(new Deposit(account, 1), key);
        var again = await bus.Send(new Deposit(account, 1), key);
        var bob = await host.Commands.Send(new Deposit(account, 1), key with { User = UserWith("uid", "bob") });

        Assert.Equal((false, true, false), (alice.WasRepeated, again.WasRepeated, bob.WasRepeated));
        Assert.Equal(7, await host.BalanceOf(account));
        var events = await host.Store.ReadLogBackwards(EventFilter.All).Take(2).ToListAsync();
        Assert.Equal(["bob", "alice"], events.Select(one => one.Metadata.UserId));
    }

    [Fact]
    public async Task Unknown_names_are_refused_at_startup_with_suggestions()
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => BankHost.Start(millrace => millrace
            .AddModel<CustomerList>()
            .AddAccessControl(access => access
                .Role("clerk", role => role.May("send depositt", "ask get-balanc", "view custommer", "read acount"))
                .Role("manager", role => role
                    .Includes("clrk")
                    .MayGrant("role cler", "send withdra")
                    .MayOperate("dead-leters")
                    .MayView<Customer>(without: ["emal"])
                    .MaySend<Withdraw>(ownedBy: "Acount"))
                .Role("auditor", role => role.May("see everything").MaySend<Nobody>()))));

        foreach (var problem in new[]
        {
            "role 'clerk', right 'send depositt': there is no command 'depositt'; did you mean 'deposit'?",
            "there is no query 'get-balanc'; did you mean 'get-balance'?",
            "there is no read model 'custommer'; did you mean 'customer'?",
            "there is no category of streams 'acount'; did you mean 'account'?",
            "there is no role 'clrk'; did you mean 'clerk'?",
            "right 'grant role cler': there is no role 'cler'; did you mean 'clerk'?",
            "right 'grant send withdra': there is no command 'withdra'; did you mean 'withdraw'?",
            "there is no operator action 'dead-leters'; did you mean 'dead-letters'?",
            "there is no attribute of customer 'emal'; did you mean 'email'?",
            "there is no attribute of withdraw 'Acount'; did you mean 'account'?",
            "role 'auditor': The right 'see everything' is not valid: it must start with send",
            "role 'auditor': No handler",
        })
            Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_of_users_are_counted()
    {
        using var listener = new MeterListener();
        var counted = new ConcurrentBag<string>();
        listener.InstrumentPublished = (instrument, meters) =>
        {
            if (instrument.Name == "millrace.access.decisions")
                meters.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
            counted.Add(string.Join(" ", tags.ToArray().Select(tag => tag.Value)) + " " + count));
        listener.Start();
        await using var host = await Start();

        var carl = AccessUsers.User("carl", "clerk");
        await host.Commands.Send(new OpenAccount(Guid.CreateVersion7(), "Ada"), new SendOptions { User = carl });
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Queries.Ask(
            new GetBalance(Guid.CreateVersion7()), new AskOptions { User = carl }));

        Assert.Contains("send allowed 1", counted);
        Assert.Contains("ask denied 1", counted);
    }

    [Fact]
    public async Task Without_access_control_nothing_is_recorded()
    {
        await using var host = await BankHost.Start();

        Assert.Equal(0, await host.Store.Count(EventFilter.All));
        Assert.Null(host.Services.GetService<AccessControl>());
    }

    internal static Task<BankHost> Start(Action<MillraceBuilder>? configure = null) => BankHost.Start(millrace =>
    {
        millrace.AddAccessControl(Declare);
        configure?.Invoke(millrace);
    });

    internal static void Declare(AccessBuilder access) => access
        .Role("clerk", role => role.MaySend<OpenAccount>().MaySend<Deposit>())
        .Role("manager", role => role.Includes("clerk").MaySend<Withdraw>().MayAsk<GetBalance>()
            .MayGrant("role clerk", "send *", "ask get-balance"))
        .Role("customer", role => role.MaySend<Withdraw>(ownedBy: nameof(Withdraw.Account)));

    private static System.Security.Claims.ClaimsPrincipal UserWith(string claim, string id) =>
        new(new System.Security.Claims.ClaimsIdentity([new System.Security.Claims.Claim(claim, id)], "test"));

    private sealed class Nobody : IAuthorizer
    {
        public ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken) =>
            new(AccessDecision.Denied("closed"));
    }

    private sealed record RequestUser(System.Security.Claims.ClaimsPrincipal Current) : IRequestUser;
}
