using System.Net.Http.Json;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using UserClaim = System.Security.Claims.Claim;

namespace Millrace.AspNetCore.Tests;

public sealed class TenantSelectionTests
{
    [Fact]
    public async Task A_request_belongs_to_the_tenant_that_its_header_names()
    {
        await using var library = await TenantLibrary.Start(tenants => tenants.FromHeader("X-Tenant"));
        var book = Guid.CreateVersion7();

        var added = await library.Add("acme", book, "Emma");
        var alsoAdded = await library.Add("zoo", book, "Persuasion");
        var again = await library.Add("zoo", book, "Persuasion");
        var found = await library.Get($"/books/{book}", "acme");
        var counted = await library.Get("/count", "zoo");

        Assert.Equal((201, 201), ((int)added.StatusCode, (int)alsoAdded.StatusCode));
        Assert.Equal((409, "exists"), await again.Problem());
        Assert.Equal("Emma", (await found.Json()).GetProperty("title").GetString());
        Assert.Equal("1", await counted.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Invalid_names_and_missing_tenants_are_refused()
    {
        await using var library = await TenantLibrary.Start(tenants => tenants.FromHeader("X-Tenant"));

        Assert.Equal((400, "invalid-name"), await (await library.Get("/count", "../zoo")).Problem());
        Assert.Equal((404, "tenant-not-found"), await (await library.Get("/count", "nobody")).Problem());
        Assert.Equal((400, "no-tenant"), await (await library.Get("/count", null)).Problem());
        Assert.Equal((400, "no-tenant"), await (await library.Get($"/books/{Guid.CreateVersion7()}", null)).Problem());
    }

    [Fact]
    public async Task An_endpoint_without_a_store_needs_no_tenant_unless_one_is_required()
    {
        await using var library = await TenantLibrary.Start(tenants => tenants.FromHeader("X-Tenant"));
        await using var strict = await TenantLibrary.Start(tenants => tenants.FromHeader("X-Tenant").IsRequired = true);

        var health = await library.Get("/health", null);
        var healthOfOne = await library.Get("/health", "acme");
        var refused = await strict.Get("/health", null);

        Assert.Equal((200, 200), ((int)health.StatusCode, (int)healthOfOne.StatusCode));
        Assert.Equal("healthy", (await health.Json()).GetProperty("status").GetString());
        Assert.Equal((400, "no-tenant"), await refused.Problem());
    }

    [Fact]
    public async Task A_header_with_another_tenant_than_the_claim_of_the_user_is_refused()
    {
        await using var library = await TenantLibrary.Start(tenants =>
            tenants.FromClaim("tenant").FromHeader("X-Tenant"));

        var ownTenant = await library.Get("/count", "acme", user: "acme");
        var claimed = await library.Get("/count", null, user: "acme");
        var otherTenant = await library.Get("/count", "zoo", user: "acme");

        Assert.Equal((200, 200), ((int)ownTenant.StatusCode, (int)claimed.StatusCode));
        Assert.Equal((403, "access-denied"), await otherTenant.Problem());
    }

    [Fact]
    public async Task A_tenant_is_named_by_the_route_or_the_host()
    {
        await using var library = await TenantLibrary.Start(tenants =>
            tenants.FromRoute("tenant").FromSubdomain("example.com").From(http => http.Request.Query["tenant"]));
        await library.Add("acme", Guid.CreateVersion7(), "Emma", "/books?tenant=acme");

        var byRoute = await library.Get("/of/acme/count", null);
        var byHost = await library.Get("/count", null, host: "ACME.example.com");
        var elsewhere = await library.Get("/count", null, host: "acme.example.org");

        Assert.Equal("1", await byRoute.Content.ReadAsStringAsync());
        Assert.Equal("1", await byHost.Content.ReadAsStringAsync());
        Assert.Equal((400, "no-tenant"), await elsewhere.Problem());
    }

    [Fact]
    public async Task A_source_of_the_tenant_is_required()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => TenantLibrary.Start(_ => { }));

        Assert.Contains("FromHeader", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// A library with the tenants acme and zoo. A header sets the tenant of the user, because the tests do not cover
    /// authentication.
    /// </summary>
    private sealed class TenantLibrary : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly HttpClient _client;

        private TenantLibrary(WebApplication app)
        {
            _app = app;
            _client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
        }

        public static async Task<TenantLibrary> Start(Action<TenantSelectionOptions> configure)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddMillrace(millrace => millrace.UseInMemory().WithTenants().AddModel<Library>());
            builder.Services.AddMillraceProblemDetails();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            app.UseMillraceProblemDetails();
            app.Use(
                (http, next) =>
                {
                    if (http.Request.Headers["X-User"] is { Count: > 0 } tenant)
                        http.User = new ClaimsPrincipal(
                            new ClaimsIdentity([new UserClaim("tenant", tenant.ToString())], "header"));
                    return next(http);
                }
            );
            app.UseMillraceTenants(configure);
            app.MapMillrace();
            app.MapCommand<AddBook>("/books", options => options.Location = (command, _) => $"/books/{command.Book}");
            app.MapQuery<FindBook>("/books/{book}");
            app.MapGet("/count", (EventStore store, CancellationToken cancel) => store.Count(EventFilter.All, cancel));
            app.MapGet(
                "/of/{tenant}/count",
                (EventStore store, CancellationToken cancel) => store.Count(EventFilter.All, cancel));
            await app.StartAsync();
            foreach (var name in new[] { "acme", "zoo" })
                await app.Services.GetRequiredService<Tenants>().Create(new TenantId(name));
            return new TenantLibrary(app);
        }

        public Task<HttpResponseMessage> Add(string tenant, Guid book, string title, string path = "/books")
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = JsonContent.Create(new { book, title, copies = 1, shelf = 1 }),
            };
            request.Headers.Add("X-Tenant", tenant);
            return _client.SendAsync(request);
        }

        public Task<HttpResponseMessage> Get(string path, string? tenant, string? user = null, string? host = null)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (tenant is not null)
                request.Headers.Add("X-Tenant", tenant);
            if (user is not null)
                request.Headers.Add("X-User", user);
            request.Headers.Host = host;
            return _client.SendAsync(request);
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
