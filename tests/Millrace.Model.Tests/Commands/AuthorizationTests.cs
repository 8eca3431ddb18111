using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Model.Tests.Commands;

public sealed class AuthorizationTests
{
    private static readonly ClaimsPrincipal Teller =
        new(new ClaimsIdentity([new System.Security.Claims.Claim("sub", "tom")], "test"));

    [Fact]
    public async Task A_command_of_an_unknown_user_is_denied_with_the_reason()
    {
        await using var host = await StartHostWithAuthorizers();

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(
            async () => await host.Commands.Send(new OpenAccount(Guid.CreateVersion7(), "Ada")));

        Assert.Equal(("open-account", "tellers only", false), (denied.Name, denied.Reason, denied.IsAuthenticated));
        Assert.Equal(0, await host.Store.Count(EventFilter.All));
    }

    [Fact]
    public async Task All_authorizers_must_allow()
    {
        await using var host = await StartHostWithAuthorizers();

        await host.Commands.Send(new OpenAccount(Guid.CreateVersion7(), "Ada"), new SendOptions { User = Teller });
        var denied = await Assert.ThrowsAsync<AccessDeniedException>(async () =>
            await host.Commands.Send(new OpenAccount(Guid.CreateVersion7(), "Eve"), new SendOptions { User = Teller }));

        Assert.Equal(("Eve is banned", true), (denied.Reason, denied.IsAuthenticated));
    }

    [Fact]
    public async Task Handlers_without_a_context_and_queries_need_authorization_too()
    {
        await using var host = await StartHostWithAuthorizers();

        await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Commands.Send(new Ping(1)));
        await Assert.ThrowsAsync<AccessDeniedException>(async () =>
            await host.Queries.Ask(new GetBalance(Guid.CreateVersion7())));
        var allowed = await host.Commands.Send(new Ping(1), new SendOptions { User = Teller });

        Assert.Equal(2, allowed.Value);
    }

    [Fact]
    public async Task An_authorizer_without_a_decision_denies()
    {
        await using var host = await BankHost.Start(millrace =>
            millrace.Services.AddSingleton<IAuthorizer>(new Rule(_ => default)));

        await Assert.ThrowsAsync<AccessDeniedException>(async () => await host.Commands.Send(new Ping(1)));
    }

    private static Task<BankHost> StartHostWithAuthorizers() =>
        BankHost.Start(millrace =>
            millrace
                .Services.AddSingleton<IAuthorizer>(
                    new Rule(request =>
                        request.IsAuthenticated ? AccessDecision.Allowed : AccessDecision.Denied("tellers only")))
                .AddSingleton<IAuthorizer>(
                    new Rule(request =>
                        request.Message is OpenAccount { Owner: "Eve" }
                            ? AccessDecision.Denied("Eve is banned")
                            : AccessDecision.Allowed)));

    private sealed class Rule(Func<AccessRequest, AccessDecision> decide) : IAuthorizer
    {
        public ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken) =>
            new(decide(request));
    }
}
