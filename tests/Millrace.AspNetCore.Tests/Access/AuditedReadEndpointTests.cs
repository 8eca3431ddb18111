using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.Tests.Access;

/// <summary>Tests that documents with personal data are recorded, however an endpoint returns them.</summary>
public sealed class AuditedReadEndpointTests
{
    [Theory]
    [InlineData("/readers/rita/loans", "query.count-loans")]
    [InlineData("/hand/rita", "query.count-loans")]
    [InlineData("/singleton/rita", "query.count-loans")]
    [InlineData("/result/rita", "view.reader-loans")]
    [InlineData("/fresh/rita", "view.reader-loans")]
    [InlineData("/many/rita", "view.reader-loans")]
    [InlineData("/page", "view.reader-loans")]
    public async Task A_document_is_recorded_with_the_user(string path, string action)
    {
        await using var app = await Start();
        await app.Lend("rita");

        var response = await app.Get("lea:librarian", path);

        Assert.Equal(200, (int)response.StatusCode);
        var entry = Assert.Single(await Reads(app));
        Assert.Equal(
            (action, "reader-loans", AuditResult.Succeeded, "lea"),
            (entry.Action, entry.Resource, entry.Result, entry.User));
    }

    [Theory]
    [InlineData("/result/nobody")]
    [InlineData("/fresh/nobody")]
    public async Task A_missing_document_is_not_recorded(string path)
    {
        await using var app = await Start();

        Assert.Equal(404, (int)(await app.Get("lea:librarian", path)).StatusCode);

        Assert.Empty(await Reads(app));
    }

    [Fact]
    public async Task A_document_that_is_answered_like_a_missing_one_is_a_denied_query()
    {
        await using var app = await Start();
        await app.Lend("rita");

        Assert.Equal(404, (int)(await app.Get("ann:asker", "/readers/rita/loans")).StatusCode);

        var entry = Assert.Single(await Reads(app));
        Assert.Equal(
            ("query.count-loans", AuditResult.Denied, "ann", "the permission 'view reader-loans' is missing."),
            (entry.Action, entry.Result, entry.User, entry.Reason));
    }

    [Fact]
    public async Task A_read_model_without_marks_is_not_recorded()
    {
        await using var app = await GuardedLibrary.Start(configure: static millrace => millrace.AddAudit());
        await app.Lend("rita");

        await app.Get("lea:librarian", "/readers/rita/loans");
        await app.Get("lea:librarian", "/page");

        Assert.Empty(await Reads(app));
    }

    [Theory]
    [InlineData("gil:guest", "gil")]
    [InlineData("", null)]
    public async Task An_endpoint_whose_policy_is_a_permission_records_a_denial_once(string caller, string? user)
    {
        await using var app = await Start();

        await app.Get(caller, "/timers-page");
        await app.Get("olga:operator", "/timers-page");
        await app.Get(caller, "/open-page");

        var entry = await AuditTrails.Of(app.Store)
            .Read(new AuditQuery { Result = AuditResult.Denied })
            .SingleAsync();
        Assert.Equal(
            ("http.GET /timers-page", "/timers-page", user), (entry.Action, entry.Resource, entry.User));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_status_that_the_endpoint_returns_is_no_denial_by_its_policy(int status)
    {
        await using var app = await GuardedLibrary.Start(
            web => web.MapGet("/refusing-page", () => Results.StatusCode(status))
                .RequireAuthorization("millrace:operate.timers"),
            static millrace => millrace.AddAudit());

        Assert.Equal(status, (int)(await app.Get("olga:operator", "/refusing-page")).StatusCode);
        await app.Get("gil:guest", "/refusing-page");

        var denied = await Denied(app);
        Assert.Equal(
            ("http.GET /refusing-page", "gil", "the authorization policy 'millrace:operate.timers' is not met."),
            (denied.Single().Action, denied[0].User, denied[0].Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_of_the_application_decides_what_a_denial_is(bool allows)
    {
        await using var app = await LibraryApp.Start(
            builder =>
            {
                builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler>(new Lenient(allows));
                builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, NobodyHandler>(
                    "header", null);
                builder.Services.AddMillraceAuthorization();
                builder.Services.AddMillrace(static millrace => millrace.AddAudit().AddAccessControl(_ => { }));
            },
            web =>
            {
                web.UseAuthorization();
                web.MapGet("/page", () => "page").RequireAuthorization("millrace:operate.timers");
            },
            mapsHealth: false);

        await app.Client.GetAsync("/page");

        Assert.Equal(allows ? 0 : 1, (await Denied(app)).Count);
    }

    [Fact]
    public async Task A_denial_is_recorded_when_its_handler_fails_and_an_invented_method_is_not_in_the_action()
    {
        await using var app = await LibraryApp.Start(
            builder =>
            {
                builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler>(new Failing());
                builder.Services.AddAuthentication("header").AddScheme<AuthenticationSchemeOptions, NobodyHandler>(
                    "header", null);
                builder.Services.AddMillraceAuthorization();
                builder.Services.AddMillrace(static millrace => millrace.AddAudit().AddAccessControl(_ => { }));
            },
            web =>
            {
                web.UseAuthorization();
                web.Map("/page", () => "page").RequireAuthorization("millrace:operate.timers");
            },
            mapsHealth: false);

        foreach (var method in (string[])["A1", "A2", "GET"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/page");
            await Xunit.Record.ExceptionAsync(() => app.Client.SendAsync(request));
        }

        Assert.Equal(
            ["http.OTHER /page", "http.GET /page"], (await Denied(app)).Select(static entry => entry.Action));
    }

    [Fact]
    public async Task Views_of_a_type_that_no_read_model_has_are_refused()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => GuardedLibrary.Start(
            static web =>
            {
                web.MapGet("/right", () => "").RecordViews<List<ReaderLoans>>();
                Build(web);
                web.MapGet("/wrong", () => "").RecordViews<List<Uri>>();
                Build(web);
            },
            static millrace => millrace.AddAudit()));

        Assert.Contains("/wrong", refused.Message, StringComparison.Ordinal);

        static void Build(IEndpointRouteBuilder web) =>
            Assert.NotEmpty(web.DataSources.SelectMany(static source => source.Endpoints));
    }

    [Fact]
    public async Task A_handler_that_would_replace_the_recording_of_denials_is_refused()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => LibraryApp.Start(builder =>
        {
            builder.Services.AddMillraceAuthorization();
            builder.Services.AddSingleton<IAuthorizationMiddlewareResultHandler>(new Lenient(allows: true));
            builder.Services.AddMillrace(static millrace => millrace.AddAudit());
        }));

        Assert.Contains("Lenient", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Denied_requests_of_callers_without_a_user_share_an_entry_for_each_route()
    {
        var time = new SkippableTimeProvider();
        await using var app = await GuardedLibrary.Start(configure: millrace => millrace
            .AddAudit().Services.AddSingleton<TimeProvider>(time));

        for (var i = 0; i < 3; i++)
        {
            await app.Get("", "/timers-page");
            await app.Get("", $"/millrace/timers/{i}");
            await app.Get("gil:guest", "/timers-page");
        }
        time.Skip(TimeSpan.FromSeconds(61));
        await app.Get("", "/timers-page");

        var denied = await Denied(app);
        Assert.Equal(3, denied.Count(static entry => entry.User == "gil"));
        Assert.Equal(
            ["http.GET /timers-page", "operator.GET /timers/{key}", "http.GET /timers-page"],
            denied.Where(static entry => entry.User != "gil").Select(static entry => entry.Action));
        Assert.Contains("(repeated 2 times since the entry at ", denied[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_endpoint_has_the_user_also_without_access_control()
    {
        await using var app = await OperatorsApp.Start(
            millrace: static millrace => Marked(millrace),
            map: static web =>
            {
                web.MapGet("/plain", (IQueryBus queries) => queries.Ask(new CountLoans("rita")).AsTask());
                web.MapGet("/direct", async (IReadModel<string, ReaderLoans> loans) =>
                    (await loans.Get("rita")).Value?.Loans.ToString(CultureInfo.InvariantCulture) ?? "none")
                    .RecordViews<ReaderLoans>();
                web.MapGet("/direct-failure", () => Results.StatusCode(409)).RecordViews<ReaderLoans>();
            });

        await app.Client.GetAsync("/plain");
        await app.Client.GetAsync("/direct");
        await app.Client.GetAsync("/direct-failure");

        Assert.Equal(
            [("query.count-loans", "ada"), ("view.reader-loans", "ada")],
            (await Reads(app)).Select(entry => (entry.Action, entry.User)));
    }

    [Fact]
    public async Task A_web_application_that_cannot_find_users_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => LibraryApp.Start(
            static builder => builder.Services.AddMillrace(static millrace => millrace.AddAudit())));

        Assert.Contains("AddMillraceAuthorization()", refused.Message, StringComparison.Ordinal);
    }

    private static Task<LibraryApp> Start() =>
        GuardedLibrary.Start(configure: static millrace => Marked(millrace));

    private static MillraceBuilder Marked(MillraceBuilder millrace) => millrace
        .UseInMemoryKeys()
        .AddAudit()
        .AddModel(static model => model.ProtectReadModel(
            "reader-loans",
            new ProtectedMember("/loans") { Subject = "/reader", SubjectType = "reader", ErasedJson = "0" }));

    private static async Task<List<AuditEntry>> Denied(LibraryApp app) =>
        await AuditTrails.Of(app.Store).Read(new AuditQuery { Result = AuditResult.Denied }).ToListAsync();

    private static async Task<List<AuditEntry>> Reads(LibraryApp app)
    {
        var entries = await AuditTrails.Of(app.Store).Read(new AuditQuery()).ToListAsync();
        return [.. entries.Where(static entry => entry.Action.StartsWith("query.", StringComparison.Ordinal)
            || entry.Action.StartsWith("view.", StringComparison.Ordinal))];
    }

    private sealed class Lenient(bool allows) : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(
            RequestDelegate next,
            HttpContext context,
            AuthorizationPolicy policy,
            PolicyAuthorizationResult authorizeResult)
        {
            context.Response.StatusCode = allows ? 200 : 403;
            return allows ? next(context) : Task.CompletedTask;
        }
    }

    private sealed class Failing : IAuthorizationMiddlewareResultHandler
    {
        public Task HandleAsync(
            RequestDelegate next,
            HttpContext context,
            AuthorizationPolicy policy,
            PolicyAuthorizationResult authorizeResult) => throw new IOException("The client has left.");
    }

    private sealed class NobodyHandler(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
            Task.FromResult(AuthenticateResult.NoResult());
    }
}
