using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>Tests that users enter only their tenants, and that each tenant has its own grants.</summary>
public sealed class TenantAccessTests
{
    [Fact]
    public async Task A_user_enters_only_the_tenant_of_the_claim_or_of_a_grant()
    {
        await using var app = await Start();
        await Create(app, "acme", "other");

        Assert.Equal(200, await Status(app, "/acme/whoami", "ann", "acme"));
        Assert.Equal((403, "enter other"), await Denial(app, "/other/whoami", "ann", "acme"));
        Assert.Equal((401, "enter other"), await Denial(app, "/other/whoami", "", ""));
        Assert.Equal((403, "enter missing"), await Denial(app, "/missing/whoami", "ann", "acme"));
        await using (var scope = await app.Services.GetRequiredService<Tenants>().Enter(new TenantId("other")))
            await scope.Services.GetRequiredService<AccessControl>().Grant(
                AccessGrantee.User("ann"), "enter other", new AccessAuthor(null, "audit"));
        Assert.Equal(200, await Status(app, "/other/whoami", "ann", "acme"));
    }

    [Fact]
    public async Task An_anonymous_caller_opens_no_tenant()
    {
        // A node with consumers opens the tenant at its start, if it finds it in time.
        await using var app = await Start(millrace =>
            millrace.ConfigureConsumers(consumers => consumers.IsEnabled = false));
        await Create(app, "acme");
        var tenants = app.Services.GetRequiredService<Tenants>();

        Assert.Equal((401, "enter acme"), await Denial(app, "/acme/whoami", "", ""));
        Assert.Equal(0, tenants.OpenCount);
        Assert.Equal(200, await Status(app, "/acme/whoami", "ann", "acme"));
        Assert.Equal(1, tenants.OpenCount);
    }

    [Fact]
    public async Task The_state_of_a_tenant_is_shown_only_to_those_who_may_enter_it()
    {
        await using var app = await Start(millrace => millrace.WithTenants(tenants =>
        {
            tenants.MaxOpen = 1;
            tenants.EnterTimeout = TimeSpan.FromMilliseconds(200);
        }));
        await Create(app, "acme", "other");
        await using var busy = await app.Services.GetRequiredService<Tenants>().Enter(new TenantId("other"));

        Assert.Equal((403, "enter acme"), await Denial(app, "/acme/whoami", "ann", "zoo"));
        Assert.Equal(503, await Status(app, "/acme/whoami", "ann", "acme"));
    }

    [Fact]
    public async Task A_grant_in_one_tenant_has_no_effect_in_another()
    {
        await using var app = await Start();
        await Create(app, "acme", "other");
        var tenants = app.Services.GetRequiredService<Tenants>();
        await using var acme = await tenants.Enter(new TenantId("acme"));
        await using var other = await tenants.Enter(new TenantId("other"));
        var ann = await acme.Services.GetRequiredService<AccessControl>().UserOf("ann");

        await acme.Services.GetRequiredService<AccessControl>().Grant(
            AccessGrantee.User("ann"), "send add-book", new AccessAuthor(null, "test"));

        var add = AccessPermission.Send("add-book");
        Assert.True(await acme.Services.GetRequiredService<AccessControl>().Allows(ann, add));
        Assert.False(await other.Services.GetRequiredService<AccessControl>().Allows(ann, add));
        await acme.Commands.Send(
            new AddBook(Guid.CreateVersion7(), "Emma", 1, new Shelf(1)), new SendOptions { User = ann });
        await Assert.ThrowsAsync<AccessDeniedException>(async () => await other.Commands.Send(
            new AddBook(Guid.CreateVersion7(), "Emma", 1, new Shelf(1)), new SendOptions { User = ann }));
    }

    [Fact]
    public async Task The_log_of_tenants_is_still_audited()
    {
        await using var app = await Start(millrace => millrace.AddLogAudit(
            options => options.Every = TimeSpan.FromMilliseconds(100)));
        await Create(app, "acme");
        await using var acme = await app.Services.GetRequiredService<Tenants>().Enter(new TenantId("acme"));
        await acme.Commands.Send(new AddBook(Guid.CreateVersion7(), "Emma", 1, new Shelf(1)));

        var audit = app.Services.GetRequiredService<LogAudit>();
        await Eventually.Get(() => Task.FromResult(audit.Status.Position), static position => position > 0);
    }

    private static async Task Create(WebApp app, params string[] tenants)
    {
        foreach (var tenant in tenants)
            await app.Services.GetRequiredService<Tenants>().Create(new TenantId(tenant));
    }

    private static async Task<int> Status(WebApp app, string path, string user, string tenant) =>
        (int)(await Get(app, path, user, tenant)).StatusCode;

    private static async Task<(int Status, string? Permission)> Denial(
        WebApp app, string path, string user, string tenant) => await (await Get(app, path, user, tenant)).Denial();

    private static Task<HttpResponseMessage> Get(WebApp app, string path, string user, string tenant)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user.Length > 0)
            request.Headers.Add("X-User", $"{user}:{tenant}");
        return app.Client.SendAsync(request);
    }

    private static async Task<WebApp> Start(Action<MillraceBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillraceAuthorization();
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseInMemory()
                .WithTenants(tenants => tenants.CreatesOnDemand = false)
                .AddModel<Library>()
                .AddAccessControl(access => access
                    .Role(AccessBuilder.Authenticated, role => role.MayEnterOwnTenant()));
            configure?.Invoke(millrace);
        });
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Use((HttpContext http, RequestDelegate next) =>
        {
            if (http.Request.Headers["X-User"].ToString().Split(':') is [var name, var tenant])
                http.User = new ClaimsPrincipal(
                    new ClaimsIdentity(
                        [new System.Security.Claims.Claim("sub", name), new("tenant", tenant)], "header"));
            return next(http);
        });
        app.UseRouting();
        app.UseMillraceTenants(tenants => tenants.FromRoute("tenant"));
        app.MapGet("/{tenant}/whoami", (CurrentTenant current) => current.Id.ToString());
        await app.StartAsync();
        return new WebApp(app);
    }

    private sealed class WebApp(WebApplication app) : IAsyncDisposable
    {
        public IServiceProvider Services => app.Services;

        public HttpClient Client { get; } = new() { BaseAddress = new Uri(app.Urls.First()) };

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
