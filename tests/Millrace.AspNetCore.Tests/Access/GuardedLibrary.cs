using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.Channels;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>The library with access control. Headers name the user and the roles.</summary>
public static class GuardedLibrary
{
    public static Task<LibraryApp> Start(
        Action<WebApplication>? map = null, Action<MillraceBuilder>? configure = null) => LibraryApp.Start(
        builder =>
        {
            builder.Services.AddAuthentication("header")
                .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("header", null);
            builder.Services.AddMillraceAuthorization();
            builder.Services.AddMillrace(millrace => millrace.AddModel<Renewals>().AddAccessControl(Declare));
            builder.Services.AddMillrace(configure ?? (_ => { }));
        },
        web =>
        {
            web.UseAuthentication();
            web.UseAuthorization();
            web.MapMillrace(options => options.AllowDecisions = true);
            web.MapGet("/hand/{reader}", (string reader, IQueryBus queries, CancellationToken cancellationToken) =>
                queries.Ask(new CountLoans(reader), cancellationToken).AsTask()).WithFreshness();
            web.MapGet("/result/{reader}", (string reader, IReadModel<string, ReaderLoans> loans) =>
                loans.Get(reader).ToResult());
            web.MapGet("/fresh/{reader}", (string reader, IReadModel<string, ReaderLoans> loans) =>
                loans.Get(reader).AsTask()).WithFreshness();
            web.MapGet("/many/{reader}", (string reader, IReadModel<string, ReaderLoans> loans) =>
                loans.GetMany([reader]).AsTask()).WithFreshness();
            web.MapCommand<RenewLoans>(
                "/renew", options => options.Location = (_, answer) => $"/loans/{((ReaderLoans)answer!).Loans}");
            web.MapGet("/sorted", () => new ValueTask<ReadPage<ReaderLoans>>(
                new ReadPage<ReaderLoans>([new ReaderLoans("rita", 7)], "cursor-7", default) { Members = ["loans"] })
                .ToResult());
            var singleton = web.Services.GetRequiredService<IQueryBus>();
            web.MapGet("/singleton/{reader}", (string reader, CancellationToken cancellationToken) =>
                singleton.Ask(new CountLoans(reader), cancellationToken).AsTask()).WithFreshness();
            web.MapGet("/scope/{reader}", AskInChildScope).WithFreshness();
            web.MapGet("/page", (IReadModel<string, ReaderLoans> loans) => loans.Query(new ReadQuery()).ToResult());
            web.MapGet("/timers-page", () => "timers").RequireAuthorization("millrace:operate.timers");
            web.MapGet("/broken-page", () => "broken").RequireAuthorization("millrace:fly.timers");
            web.MapGet("/open-page", () => "open").RequireAuthorization();
            web.MapGet("/push", Push).RequireAccess("view reader-loans", whileRunning: true);
            map?.Invoke(web);
        },
        mapsHealth: false);

    /// <summary>Sends a request for a user: <c>ada:librarian,operator</c>, or nobody if the text is empty.</summary>
    public static Task<HttpResponseMessage> Send(
        this LibraryApp app, string user, HttpMethod method, string path, object? body = null) =>
        app.Client.SendAsync(RequestOf(user, method, path, body), HttpCompletionOption.ResponseHeadersRead);

    public static Task<HttpResponseMessage> Get(this LibraryApp app, string user, string path) =>
        app.Send(user, HttpMethod.Get, path);

    /// <summary>Lends a book to a reader, and waits until the read model contains it.</summary>
    public static async Task Lend(this LibraryApp app, string reader)
    {
        var book = Guid.CreateVersion7();
        var commands = app.Services.GetRequiredService<ICommandBus>();
        await commands.Send(new AddBook(book, "Emma", 1, new Shelf(1)));
        var lent = await commands.Send(new LendBook(book, reader));
        await app.Services.GetRequiredService<IReadModel<string, ReaderLoans>>()
            .Get(reader, new ReadAfter(lent.Token, TimeSpan.FromSeconds(60)));
    }

    public static async Task<(int Status, string? Permission)> Denial(this HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Json();
        Assert.Equal("access-denied", problem.GetProperty("error").GetString());
        return ((int)response.StatusCode, problem.GetProperty("permission").GetString());
    }

    private static HttpRequestMessage RequestOf(string user, HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        var parts = user.Split(':');
        if (parts[0].Length > 0)
            request.Headers.Add("X-User", parts[0]);
        if (parts.Length > 1)
            request.Headers.Add("X-Roles", parts[1]);
        return request;
    }

    private static void Declare(AccessBuilder access) => access
        .Role(AccessBuilder.Anonymous, role => role.MayAsk<FindBook>())
        .Role("librarian", role => role.MaySend<AddBook>().MaySend<LendBook>().MayAsk<CountLoans>()
            .MayView<ReaderLoans>().MayRead("book").MayGrant("role helper", "send lend-book"))
        .Role("helper", role => role.MaySend<LendBook>())
        .Role("guest", role => role.MayAsk<CountLoans>().MayView<ReaderLoans>(without: [nameof(ReaderLoans.Loans)]))
        .Role("reader", role => role.MayAsk<CountLoans>(ownedBy: nameof(CountLoans.Reader))
            .MayView<ReaderLoans>(ownedBy: nameof(ReaderLoans.Reader)).MayRead("reader", onlyOwn: true))
        .Role("asker", role => role.MayAsk<CountLoans>().MayView<ReaderLoans>(ownedBy: nameof(ReaderLoans.Reader)))
        .Role("blind", role => role.MayAsk<CountLoans>())
        .Role("renewer", role => role.MaySend<RenewLoans>())
        .Role("operator", role => role.MayOperate(
            OperatorActions.Overview, OperatorActions.Timers, OperatorActions.Access, OperatorActions.Consumers))
        .Role("chief", role => role.Includes("operator").MayOperate(
            OperatorActions.Consumers + OperatorActions.DecideSuffix).May("send *", "grant *", "operate *"));

    private static async Task<QueryResult<ReaderLoans>> AskInChildScope(
        string reader, IServiceScopeFactory scopes, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IQueryBus>()
            .Ask(new CountLoans(reader), cancellationToken);
    }

    /// <summary>Sends a line each time that the test asks for one.</summary>
    private static async Task Push(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync("data: first\n\n", http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await Channel.CreateUnbounded<string>().Reader.ReadAsync(http.RequestAborted);
    }

    private sealed class HeaderAuthentication(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers["X-User"].FirstOrDefault() is not { } name)
                return Task.FromResult(AuthenticateResult.NoResult());
            var roles = (Request.Headers["X-Roles"].FirstOrDefault() ?? "").Split(',');
            var user = new ClaimsPrincipal(
                new ClaimsIdentity(
                    [
                        new System.Security.Claims.Claim(ClaimTypes.NameIdentifier, name),
                        .. roles.Select(role => new System.Security.Claims.Claim(ClaimTypes.Role, role)),
                    ],
                    Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
        }
    }
}
