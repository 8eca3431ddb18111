using System.Net.Http.Json;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

public sealed class AccessTests
{
    [Fact]
    public async Task Unknown_callers_must_sign_in_and_refused_callers_get_the_reason()
    {
        await using var app = await StartGuarded();
        var add = new { book = Guid.CreateVersion7(), title = "Emma", copies = 1, shelf = 1 };

        var unknown = await app.Client.PostAsJsonAsync("/books", add);
        var reader = await Send(app, "reader", HttpMethod.Post, "/books", add);
        var query = await app.Client.GetAsync($"/books/{Guid.CreateVersion7()}");

        Assert.Equal((401, "access-denied"), await unknown.Problem());
        Assert.Equal((403, "access-denied"), await reader.Problem());
        Assert.Contains(
            "librarians only", (await reader.Json()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal((401, "access-denied"), await query.Problem());
        Assert.Equal(0, await app.Store.Count(EventFilter.All));
    }

    [Fact]
    public async Task The_events_contain_the_user()
    {
        await using var app = await StartGuarded();
        var book = Guid.CreateVersion7();

        var response = await Send(
            app,
            "librarian",
            HttpMethod.Post,
            "/books",
            new
            {
                book,
                title = "Emma",
                copies = 1,
                shelf = 1,
            }
        );

        Assert.Equal(201, (int)response.StatusCode);
        var recorded = await app.Store.ReadStream(StreamId.For("book", book)).SingleAsync();
        Assert.Equal("librarian", recorded.Metadata.UserId);
        Assert.NotNull(recorded.Metadata.RequestId);
    }

    [Fact]
    public async Task Denied_commands_and_queries_are_in_the_audit_trail()
    {
        await using var app = await StartGuarded(static millrace =>
            millrace.AddAudit(static audit => audit.RecordsConfiguration = false));
        var add = new { book = Guid.CreateVersion7(), title = "Emma", copies = 1, shelf = 1 };

        await Send(app, "reader", HttpMethod.Post, "/books", add);
        await app.Client.GetAsync($"/books/{Guid.CreateVersion7()}");
        await Send(app, "librarian", HttpMethod.Post, "/books", add);

        var entries = await AuditTrails.Of(app.Store).Read(new AuditQuery()).ToListAsync();
        Assert.Equal(
            [
                ("command.add-book", "add-book", AuditResult.Denied, "reader", "librarians only"),
                ("query.find-book", "find-book", AuditResult.Denied, null, "librarians only"),
                ("command.add-book", $"book-{add.book}", AuditResult.Succeeded, "librarian", null),
            ],
            entries.Select(entry => (entry.Action, entry.Resource, entry.Result, entry.User, entry.Reason)));
        Assert.All(entries, entry => Assert.Contains("127.0.0.1", entry.Origin?.Address, StringComparison.Ordinal));
        var book = await app.Store.ReadStream(StreamId.For("book", add.book)).SingleAsync();
        Assert.Equal(book.Position + 1, entries[2].Position); // In the same commit.
        Assert.Equal(book.CorrelationId, entries[2].CorrelationId);
    }

    [Fact]
    public async Task Denials_are_not_recorded_when_the_option_is_off()
    {
        await using var app = await StartGuarded(
            static millrace => millrace.AddAudit(static audit =>
                (audit.RecordsDenials, audit.RecordsConfiguration) = (false, false)));

        await app.Client.GetAsync($"/books/{Guid.CreateVersion7()}");

        Assert.Empty(await AuditTrails.Of(app.Store).Read(new AuditQuery()).ToListAsync());
    }

    [Fact]
    public async Task Health_needs_no_user()
    {
        await using var app = await StartGuarded();

        var response = await app.Client.GetAsync("/health");

        Assert.Equal(200, (int)response.StatusCode);
    }

    private static Task<HttpResponseMessage> Send(
        LibraryApp app, string user, HttpMethod method, string path, object body)
    {
        var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-User", user);
        return app.Client.SendAsync(request);
    }

    /// <summary>
    /// Starts a library whose users identify themselves by a header. The tests do not cover authentication.
    /// </summary>
    private static Task<LibraryApp> StartGuarded(Action<MillraceBuilder>? millrace = null) => LibraryApp.Start(
        builder =>
        {
            builder.Services.AddSingleton<IAuthorizer, Librarians>().AddSingleton<IStartupFilter>(new Users());
            builder.Services.AddMillraceAuthorization();
            if (millrace is not null)
                builder.Services.AddMillrace(millrace);
        });

    private sealed class Librarians : IAuthorizer
    {
        public ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken) =>
            new(
                request.User?.FindFirst("sub")?.Value == "librarian"
                    ? AccessDecision.Allowed
                    : AccessDecision.Denied("librarians only"));
    }

    private sealed class Users : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Use(
                    (HttpContext http, RequestDelegate then) =>
                    {
                        if (http.Request.Headers["X-User"].ToString() is { Length: > 0 } name)
                            http.User = new ClaimsPrincipal(
                                new ClaimsIdentity([new System.Security.Claims.Claim("sub", name)], "header"));
                        return then(http);
                    }
                );
                next(app);
            };
    }
}
