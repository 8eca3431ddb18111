using System.Net.Http.Json;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests of the audit trail of commands and operators over HTTP.</summary>
public sealed class AuditEndpointTests
{
    [Fact]
    public async Task Commands_are_recorded_with_their_result_and_without_their_values()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.UserAgent.ParseAdd("browser/1.0");
        var book = Guid.CreateVersion7();
        var add = new { book, title = "Persuasion", copies = 1, shelf = 1 };

        await app.Client.PostAsJsonAsync("/books", add);
        var again = await app.Client.PostAsJsonAsync("/books", add);

        Assert.Equal(409, (int)again.StatusCode);
        var entries = await Entries(app);
        Assert.Equal(
            [("command.add-book", $"book-{book}", "succeeded"), ("command.add-book", "add-book", "failed")],
            entries.Select(entry => (Text(entry, "action"), Text(entry, "resource"), Text(entry, "result"))).Reverse());
        Assert.Equal("AggregateExistsException", Text(entries[0], "reason"));
        Assert.All(entries, entry => Assert.Equal("browser/1.0", Text(entry, "userAgent")));
        await foreach (var recorded in app.Store.ReadStream(new StreamId("$audit")))
            Assert.DoesNotContain(
                "Persuasion", Encoding.UTF8.GetString(recorded.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_by_operators_are_recorded_and_reads_are_not()
    {
        await using var app = await Start();

        await app.Client.GetAsync("/millrace/consumers");
        await app.Client.PostAsync("/millrace/consumers/reader-loans@1/pause", null);
        await app.Client.PostAsync("/millrace/consumers/nobody/pause", null);

        var entries = await Entries(app);
        Assert.Equal(
            [
                ("/consumers/nobody/pause", "failed", "ConsumerNotFoundException"),
                ("/consumers/reader-loans@1/pause", "succeeded", null),
            ],
            entries.Select(entry => (Text(entry, "resource"), Text(entry, "result"), Text(entry, "reason"))));
        Assert.All(entries, entry => Assert.Equal("ada", Text(entry, "user")));
        Assert.All(
            entries,
            entry => Assert.StartsWith("operator.POST /consumers/", Text(entry, "action"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_operators_read_of_events_is_recorded_with_the_stream()
    {
        await using var app = await Start();
        var book = await app.Add();

        await app.Client.GetAsync($"/millrace/streams/book-{book}");
        await app.Client.GetAsync($"/millrace/at?stream=book-{book}&when=1");
        await app.Client.GetAsync("/millrace/streams/book-none");

        var entries = (await Entries(app))
            .Where(entry => Text(entry, "action")!.StartsWith("operator.GET", StringComparison.Ordinal))
            .Select(entry => (Text(entry, "action"), Text(entry, "resource"), Text(entry, "result")));
        Assert.Equal(
            [
                ("operator.GET /at", $"/at?stream=book-{book}", "succeeded"),
                ("operator.GET /streams/{**stream}", $"/streams/book-{book}", "succeeded"),
            ],
            entries);
    }

    [Fact]
    public async Task A_request_that_the_policy_of_operators_denies_is_recorded()
    {
        await using var app = await OperatorsApp.Start(
            millrace: static millrace => millrace.AddAudit(NoSettings),
            user: "eve");

        var response = await app.Client.PostAsync("/millrace/consumers/reader-loans@1/pause", null);

        Assert.Equal(403, (int)response.StatusCode);
        var entry = await AuditTrails.Of(app.Store)
            .Read(new AuditQuery { Action = "operator.*" })
            .SingleAsync();
        Assert.Equal(
            ("operator.POST /consumers/{name}/pause", "/consumers/reader-loans@1/pause", AuditResult.Denied, "eve"),
            (entry.Action, entry.Resource, entry.Result, entry.User));
        Assert.Equal("the authorization policy 'operators' is not met.", entry.Reason);
    }

    [Fact]
    public async Task Without_its_entry_an_operator_receives_no_events()
    {
        var log = new RecordedLog();
        await using var app = await OperatorsApp.Start(millrace: millrace => millrace
            .AddAudit(NoSettings).Services.AddSingleton<IAuditTrail, BrokenTrail>().AddSingleton<ILoggerFactory>(log));
        var book = await app.Add();

        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => app.Client.GetStringAsync($"/millrace/streams/book-{book}"));

        Assert.Contains(log.Entries, entry => entry is { Level: LogLevel.Error, Id: 14003 });
    }

    [Fact]
    public async Task A_request_of_an_operator_who_left_is_recorded()
    {
        await using var app = await OperatorsApp.Start(millrace: static millrace =>
            millrace.AddAudit(NoSettings).Services.AddSingleton<IStartupFilter>(new Departure()));

        await app.Client.PostAsync("/millrace/consumers/reader-loans@1/pause", null);

        var entry = await AuditTrails.Of(app.Store).Read(new AuditQuery()).SingleAsync();
        Assert.Equal((AuditResult.Failed, "cancelled"), (entry.Result, entry.Reason));
    }

    [Fact]
    public async Task A_failed_entry_does_not_replace_the_failure_of_the_request()
    {
        var log = new RecordedLog();
        await using var app = await OperatorsApp.Start(millrace: millrace => millrace
            .AddAudit(NoSettings).Services.AddSingleton<IAuditTrail, BrokenTrail>().AddSingleton<ILoggerFactory>(log));

        var response = await app.Client.PostAsync("/millrace/consumers/nobody/pause", null);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Contains(log.Entries, entry => entry is { Level: LogLevel.Error, Id: 14003 });
    }

    [Fact]
    public async Task The_user_of_an_operator_is_the_subject_as_for_commands()
    {
        await using var app = await OperatorsApp.Start(millrace: static millrace =>
            millrace.AddAudit(NoSettings).Services.AddSingleton<IClaimsTransformation>(new Subject()));

        await app.Client.PostAsync("/millrace/consumers/reader-loans@1/pause", null);

        var entry = await AuditTrails.Of(app.Store).Read(new AuditQuery()).SingleAsync();
        Assert.Equal("user-7", entry.User);
    }

    [Fact]
    public async Task Entries_are_filtered_and_paged()
    {
        await using var app = await Start();
        var trail = AuditTrails.Of(app.Store);
        for (var i = 0; i < 5; i++)
            await trail.Record(
                new AuditEntry("access.grant", $"role-{i}", i == 2 ? AuditResult.Denied : AuditResult.Succeeded)
                {
                    User = i % 2 == 0 ? "ada" : "eve",
                },
                default);

        var first = await (await app.Client.GetAsync("/millrace/audit?limit=2&action=access.*")).Json();
        var next = first.GetProperty("next").GetInt64();
        var second = await (await app.Client.GetAsync($"/millrace/audit?limit=3&before={next}")).Json();
        var denied = await (await app.Client.GetAsync("/millrace/audit?result=denied&user=ada")).Json();
        var none = await (await app.Client.GetAsync("/millrace/audit?until=2001-01-01T00:00:00Z")).Json();

        Assert.Equal(["role-4", "role-3"], Resources(first));
        Assert.Equal(["role-2", "role-1", "role-0"], Resources(second));
        Assert.Equal(["role-2"], Resources(denied));
        Assert.Empty(Resources(none));
    }

    [Theory]
    [InlineData("result=maybe")]
    [InlineData("since=yesterday")]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("before=x")]
    public async Task A_wrong_parameter_is_refused(string query)
    {
        await using var app = await Start();

        var response = await app.Client.GetAsync("/millrace/audit?" + query);

        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task Other_users_cannot_read_the_trail()
    {
        await using var app = await OperatorsApp.Start(millrace: static millrace => millrace.AddAudit(), user: "eve");

        Assert.Equal(403, (int)(await app.Client.GetAsync("/millrace/audit")).StatusCode);
    }

    [Fact]
    public async Task Without_an_audit_trail_nothing_is_recorded()
    {
        await using var app = await OperatorsApp.Start();

        await app.Client.PostAsync("/millrace/consumers/reader-loans@1/pause", null);

        Assert.Equal(404, (int)(await app.Client.GetAsync("/millrace/audit")).StatusCode);
        Assert.Null(await app.Store.GetStream(new StreamId("$audit")));
    }

    [Fact]
    public async Task Equal_reads_in_an_interval_share_an_entry_and_the_next_entry_counts_them()
    {
        var time = new SkippableTimeProvider();
        await using var app = await OperatorsApp.Start(millrace: millrace => millrace
            .AddAudit(NoSettings).Services.AddSingleton<TimeProvider>(time));
        var (book, other) = (await app.Add(), await app.Add());
        string[] paths = [$"/millrace/streams/book-{book}", $"/millrace/at?stream=book-{book}&when=1"];

        await Task.WhenAll(Enumerable.Repeat(paths[0], 5).Select(path => app.Client.GetAsync(path)));
        await app.Client.GetAsync(paths[1]);
        await app.Client.GetAsync(paths[1] + "&seconds=7"); // Another request, whose entry is its own.
        await app.Client.GetAsync($"/millrace/streams/book-{other}");
        time.Skip(TimeSpan.FromSeconds(61));
        await app.Client.GetAsync(paths[0]);
        await app.Client.GetAsync(paths[1]);

        var entries = (await Entries(app))
            .Where(entry => Text(entry, "action")!.StartsWith("operator.GET", StringComparison.Ordinal))
            .Select(entry => (Text(entry, "resource"), Text(entry, "reason")?.Split(" since")[0]))
            .Reverse();
        Assert.Equal(
            [
                ($"/streams/book-{book}", null), ($"/at?stream=book-{book}", null), ($"/at?stream=book-{book}", null),
                ($"/streams/book-{other}", null), ($"/streams/book-{book}", "repeated 4 times"),
                ($"/at?stream=book-{book}", null),
            ],
            entries);
    }

    [Fact]
    public async Task Without_an_interval_each_read_has_its_own_entry()
    {
        await using var app = await OperatorsApp.Start(millrace: static millrace => millrace.AddAudit(audit =>
            (audit.RecordsConfiguration, audit.RepeatInterval) = (false, TimeSpan.Zero)));
        var path = $"/millrace/streams/book-{await app.Add()}";

        await app.Client.GetAsync(path);
        await app.Client.GetAsync(path);

        Assert.Equal(2, await AuditTrails.Of(app.Store).Read(new AuditQuery { Action = "operator.GET*" }).CountAsync());
        await Assert.ThrowsAsync<MillraceConfigurationException>(() => OperatorsApp.Start(millrace: static millrace =>
            millrace.AddAudit(static audit => audit.RepeatInterval = TimeSpan.FromHours(2))));
    }

    private static Task<LibraryApp> Start() =>
        OperatorsApp.Start(millrace: static millrace => millrace.AddAudit(NoSettings).AddAudit());

    private static async Task<List<JsonElement>> Entries(LibraryApp app) =>
    [
        .. (await (await app.Client.GetAsync("/millrace/audit")).Json()).GetProperty("entries").EnumerateArray(),
    ];

    private static void NoSettings(AuditTrailOptions audit) => audit.RecordsConfiguration = false;

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static IEnumerable<string?> Resources(JsonElement page) =>
        page.GetProperty("entries").EnumerateArray().Select(entry => Text(entry, "resource"));

    private sealed class Departure : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((HttpContext http, RequestDelegate then) =>
            {
                http.RequestAborted = new CancellationToken(canceled: true);
                return then(http);
            });
            next(app);
        };
    }

    private sealed class Subject : IClaimsTransformation
    {
        public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal)
        {
            principal.AddIdentity(new ClaimsIdentity([new System.Security.Claims.Claim("sub", "user-7")]));
            return Task.FromResult(principal);
        }
    }

    private sealed class BrokenTrail : IAuditTrail
    {
        public ValueTask Record(AuditEntry entry, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The trail is broken.");

        public IAsyncEnumerable<AuditEntry> Read(
            AuditQuery query, long after = 0, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<AuditEntry>();

        public IAsyncEnumerable<AuditEntry> ReadBackwards(
            AuditQuery query, long before = long.MaxValue, CancellationToken cancellationToken = default) =>
            AsyncEnumerable.Empty<AuditEntry>();
    }
}
