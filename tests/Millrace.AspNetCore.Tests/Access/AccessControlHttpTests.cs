using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests.Access;

public sealed class AccessControlHttpTests
{
    [Fact]
    public async Task A_command_needs_its_permission_and_the_denial_names_it()
    {
        await using var app = await GuardedLibrary.Start();
        var add = new { book = Guid.CreateVersion7(), title = "Emma", copies = 1, shelf = 1 };

        var anonymous = await app.Send("", HttpMethod.Post, "/books", add);
        var guest = await app.Send("gil:guest", HttpMethod.Post, "/books", add);
        var librarian = await app.Send("lea:librarian", HttpMethod.Post, "/books", add);

        Assert.Equal((401, "send add-book"), await anonymous.Denial());
        Assert.Equal((403, "send add-book"), await guest.Denial());
        Assert.Equal(201, (int)librarian.StatusCode);
    }

    [Fact]
    public async Task A_rule_for_anonymous_callers_allows_them()
    {
        await using var app = await GuardedLibrary.Start();

        Assert.Equal(404, (int)(await app.Get("", $"/books/{Guid.CreateVersion7()}")).StatusCode);
        Assert.Equal((403, "ask find-book"), await (await app.Get("gil", $"/books/{Guid.CreateVersion7()}")).Denial());
    }

    [Theory]
    [InlineData("hand")]
    [InlineData("singleton")]
    [InlineData("scope")]
    public async Task An_endpoint_that_forgets_the_user_does_not_act_for_the_system(string path)
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");

        var anonymous = await app.Get("", $"/{path}/rita");
        var librarian = await app.Get("lea:librarian", $"/{path}/rita");

        Assert.Equal((401, "ask count-loans"), await anonymous.Denial());
        Assert.Equal(1, (await librarian.Json()).GetProperty("loans").GetInt32());
    }

    [Theory]
    [InlineData("/readers/rita/loans")]
    [InlineData("/hand/rita")]
    [InlineData("/result/rita")]
    [InlineData("/fresh/rita")]
    public async Task A_document_is_complete_limited_or_denied_by_role(string path)
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");

        Assert.Equal("""{"reader":"rita","loans":1}""", await Text(app, "lea:librarian", path));
        Assert.Equal("""{"reader":"rita"}""", await Text(app, "gil:guest", path));
        Assert.Equal("""{"reader":"rita","loans":1}""", await Text(app, "rita:reader", path));
        var other = await app.Get("ruth:reader", path);
        if (path.StartsWith("/result", StringComparison.Ordinal) || path.StartsWith("/fresh", StringComparison.Ordinal))
            Assert.Equal((404, "not-found"), await other.Problem());
        else
            Assert.Equal((403, "ask count-loans"), await other.Denial());
        Assert.Equal(403, (await (await app.Get("ruth", path)).Denial()).Status);
        Assert.Equal(401, (await (await app.Get("", path)).Denial()).Status);
    }

    [Theory]
    [InlineData("/result/")]
    [InlineData("/fresh/")]
    [InlineData("/readers/{0}/loans")]
    public async Task A_response_does_not_show_whether_a_document_exists(string path)
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");
        var (existing, missing) = path.Contains("{0}", StringComparison.Ordinal)
            ? ("/readers/rita/loans", "/readers/none/loans")
            : (path + "rita", path + "none");

        Assert.Equal((404, "not-found"), await (await app.Get("ruth:asker", existing)).Problem());
        Assert.Equal((404, "not-found"), await (await app.Get("ruth:asker", missing)).Problem());
        Assert.Equal((403, "view reader-loans"), await (await app.Get("ruth:blind", existing)).Denial());
        Assert.Equal((403, "view reader-loans"), await (await app.Get("ruth:blind", missing)).Denial());
    }

    [Fact]
    public async Task The_answer_of_a_command_is_limited()
    {
        await using var app = await GuardedLibrary.Start();

        var librarian = await app.Send("lea:librarian,renewer", HttpMethod.Post, "/renew", new { reader = "rita" });
        var guest = await app.Send("gil:guest,renewer", HttpMethod.Post, "/renew", new { reader = "rita" });
        var blind = await app.Send("bob:renewer", HttpMethod.Post, "/renew", new { reader = "rita" });

        Assert.Equal("""{"reader":"rita","loans":7}""", await librarian.Content.ReadAsStringAsync());
        Assert.Equal("/loans/7", librarian.Headers.Location?.ToString());
        Assert.Equal("""{"reader":"rita"}""", await guest.Content.ReadAsStringAsync());
        Assert.DoesNotContain("7", guest.Headers.Location?.ToString() ?? "", StringComparison.Ordinal);
        Assert.Equal((204, ""), ((int)blind.StatusCode, await blind.Content.ReadAsStringAsync()));
        Assert.Null(blind.Headers.Location);
    }

    [Fact]
    public async Task A_page_is_not_sorted_by_a_member_that_the_user_may_not_see()
    {
        await using var app = await GuardedLibrary.Start();

        var guest = await app.Get("gil:guest", "/sorted");
        var librarian = await app.Get("lea:librarian", "/sorted");

        Assert.Equal((403, "view reader-loans.loans"), await guest.Denial());
        Assert.Null(guest.Header("Millrace-Next"));
        Assert.Equal("cursor-7", librarian.Header("Millrace-Next"));
    }

    [Fact]
    public async Task An_endpoint_that_requires_access_is_not_public_without_access_control()
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var app = await LibraryApp.Start(map: web =>
                web.MapGet("/secret", () => "secret").RequireAccess("view reader-loans"));
            (await app.Client.GetAsync(new Uri("/secret", UriKind.Relative))).EnsureSuccessStatusCode();
        });

        Assert.NotNull(failure);
    }

    [Fact]
    public async Task A_page_is_limited_or_denied_as_a_whole()
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");
        await app.Lend("ruth");

        Assert.Equal("""[{"reader":"rita"},{"reader":"ruth"}]""", await Text(app, "gil:guest", "/page"));
        Assert.Equal(
            """[{"reader":"rita","loans":1},{"reader":"ruth","loans":1}]""", await Text(app, "lea:librarian", "/page"));
        Assert.Equal((403, "view reader-loans"), await (await app.Get("rita:reader", "/page")).Denial());
    }

    [Fact]
    public async Task A_collection_without_metadata_is_denied_if_members_must_be_left_out()
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");

        Assert.Equal(403, (int)(await app.Get("gil:guest", "/many/rita")).StatusCode);
    }

    [Fact]
    public async Task A_stream_is_read_by_its_category_and_by_its_owner()
    {
        await using var app = await GuardedLibrary.Start();
        await app.Lend("rita");
        await app.Store.Append(new StreamId("reader-rita"), ExpectedVersion.NoStream, [new BookLent("rita")]);
        var book = (await app.Store.ListStreams("book-").FirstAsync()).Stream;

        Assert.Equal(200, (int)(await Read("lea:librarian", $"/{book}")).StatusCode);
        Assert.Equal((403, "read reader"), await (await Read("lea:librarian", "/reader-rita")).Denial());
        Assert.Equal(200, (int)(await Read("rita:reader", "/reader-rita")).StatusCode);
        Assert.Equal((403, "read reader"), await (await Read("ruth:reader", "/reader-rita")).Denial());
        Assert.Equal((403, "read reader"), await (await Read("ruth:reader", "/reader-none")).Denial());
        Assert.Equal((403, "read $access"), await (await Read("lea:librarian", "/$access")).Denial());
        Assert.Equal((401, "read book"), await (await Read("", $"?stream={book}")).Denial());

        Task<HttpResponseMessage> Read(string user, string path) => app.Get(user, "/millrace/streams" + path);
    }

    [Theory]
    [InlineData("GET", "", "overview")]
    [InlineData("GET", "/dead-letters", "dead-letters")]
    [InlineData("POST", "/dead-letters/1/retry", "dead-letters.decide")]
    [InlineData("GET", "/projections", "projections")]
    [InlineData("POST", "/projections/reader-loans/build", "projections.decide")]
    [InlineData("GET", "/consumers", "consumers")]
    [InlineData("POST", "/consumers/x/pause", "consumers.decide")]
    [InlineData("GET", "/transports", "transports")]
    [InlineData("GET", "/timers", "timers")]
    [InlineData("GET", "/schedules", "schedules")]
    [InlineData("GET", "/processes", "processes")]
    [InlineData("GET", "/why?path=x", "explanations")]
    [InlineData("GET", "/at?stream=x", "explanations")]
    [InlineData("GET", "/access", "access")]
    [InlineData("GET", "/access/explain", "access")]
    public async Task Each_operator_route_needs_its_action(string method, string path, string action)
    {
        await using var app = await GuardedLibrary.Start();

        object? body = method == "POST" ? new { } : null;

        var guest = await app.Send("gil:guest", new HttpMethod(method), "/millrace" + path, body);
        var chief = await app.Send("cleo:chief", new HttpMethod(method), "/millrace" + path, body);

        Assert.Equal((403, "operate " + action), await guest.Denial());
        Assert.NotEqual(403, (int)chief.StatusCode);
    }

    [Fact]
    public async Task The_audit_trail_records_denied_requests_of_operators_and_of_readers_of_streams()
    {
        await using var app = await GuardedLibrary.Start(configure: static millrace =>
            millrace.AddAudit(static audit => audit.RecordsConfiguration = false));

        await app.Get("olga:operator", "/millrace/consumers");
        await app.Send("olga:operator", HttpMethod.Post, "/millrace/consumers/x/pause", new { });
        await app.Get("rita:reader", "/millrace/streams/book-1");

        var entries = await AuditTrails.Of(app.Store).Read(new AuditQuery()).ToListAsync();
        Assert.Equal(
            [
                ("operator.POST /consumers/{name}/pause", "/consumers/x/pause", AuditResult.Denied, "olga"),
                ("operator.GET /streams/{**stream}", "/streams/book-1", AuditResult.Denied, "rita"),
            ],
            entries.Select(entry => (entry.Action, entry.Resource, entry.Result, entry.User)));
    }

    [Fact]
    public async Task An_operator_who_may_read_may_not_decide()
    {
        await using var app = await GuardedLibrary.Start();

        Assert.Equal(200, (int)(await app.Get("olga:operator", "/millrace/consumers")).StatusCode);
        Assert.Equal(
            (403, "operate consumers.decide"),
            await (await app.Send("olga:operator", HttpMethod.Post, "/millrace/consumers/x/pause", new { })).Denial());
    }

    [Fact]
    public async Task A_policy_with_the_name_of_a_permission_follows_the_rules()
    {
        await using var app = await GuardedLibrary.Start();

        Assert.Equal(200, (int)(await app.Get("olga:operator", "/timers-page")).StatusCode);
        Assert.Equal(403, (int)(await app.Get("gil:guest", "/timers-page")).StatusCode);
        Assert.Equal(401, (int)(await app.Get("", "/timers-page")).StatusCode);
        Assert.Equal(200, (int)(await app.Get("gil:guest", "/open-page")).StatusCode);
        Assert.Equal(500, (int)(await app.Get("olga:operator", "/broken-page")).StatusCode);
    }

    [Fact]
    public async Task A_revocation_ends_a_running_push()
    {
        await using var app = await GuardedLibrary.Start();
        var access = app.Services.GetRequiredService<AccessControl>();
        var gil = AccessGrantee.User("gil");
        Assert.Equal((403, "view reader-loans"), await (await app.Get("gil", "/push")).Denial());
        await access.Grant(gil, "view reader-loans", new AccessAuthor(null, "test"));
        using var response = await app.Get("gil", "/push");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("data: first", await lines.ReadLineAsync());
        Assert.Equal("", await lines.ReadLineAsync());
        var next = lines.ReadLineAsync();

        Assert.False(next.IsCompleted);
        var started = Stopwatch.GetTimestamp();
        await access.Revoke(gil, "view reader-loans", new AccessAuthor(null, "test"));

        await Assert.ThrowsAnyAsync<Exception>(() => next.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Rights_are_granted_and_revoked_over_HTTP_with_the_rights_of_the_caller()
    {
        await using var app = await GuardedLibrary.Start();
        var grant = new { to = "user:gil", right = "role helper", reason = "summer" };

        Assert.Equal((403, "grant role helper"), await (await Post("gil:guest", "grants", grant)).Denial());
        Assert.Equal((401, "grant role helper"), await (await Post("", "grants", grant)).Denial());
        var granted = await (await Post("lea:librarian", "grants", grant)).Json();
        Assert.Equal("lea", granted.GetProperty("by").GetString());
        var explained = await Explain();
        Assert.True(explained.GetProperty("isAllowed").GetBoolean());
        Assert.Equal("""["user:gil","role:helper"]""", explained.GetProperty("path").GetRawText());
        Assert.Equal(200, (int)(await Post("lea:librarian", "revocations", grant)).StatusCode);
        Assert.False((await Explain()).GetProperty("isAllowed").GetBoolean());
        Assert.Equal((404, "not-found"), await (await Post("lea:librarian", "revocations", grant)).Problem());
        var listed = await (await app.Get("olga:operator", "/millrace/access?at=2")).Json();
        Assert.Equal("role helper", listed.GetProperty("grants")[0].GetProperty("right").GetString());

        Task<HttpResponseMessage> Post(string user, string path, object body) =>
            app.Send(user, HttpMethod.Post, "/millrace/access/" + path, body);

        async Task<System.Text.Json.JsonElement> Explain() => await (await app.Get(
            "olga:operator", "/millrace/access/explain?user=gil&permission=send%20lend-book")).Json();
    }

    [Theory]
    [InlineData("""{"to":"gil","right":"role helper","reason":"x"}""", 400, "malformed-request")]
    [InlineData("""{"to":"user:gil","right":"role helpr","reason":"x"}""", 400, "invalid-right")]
    [InlineData("""{"to":"user:gil","right":"fly","reason":"x"}""", 400, "invalid-right")]
    [InlineData("""{"to":"user:gil","right":"role helper"}""", 400, "malformed-request")]
    [InlineData("""{"to":"user:gil","right":"role helper","reason":" "}""", 400, "malformed-request")]
    public async Task A_malformed_grant_is_refused(string body, int status, string error)
    {
        await using var app = await GuardedLibrary.Start();
        using var json = System.Text.Json.JsonDocument.Parse(body);

        var response = await app.Send("cleo:chief", HttpMethod.Post, "/millrace/access/grants", json.RootElement);

        Assert.Equal((status, error), await response.Problem());
    }

    [Fact]
    public async Task A_deeply_nested_right_does_not_end_the_process()
    {
        await using var app = await GuardedLibrary.Start();
        var right = string.Concat(Enumerable.Repeat("grant ", 100_000)) + "*";

        foreach (var path in new[] { "grants", "revocations" })
            Assert.Equal(
                (400, "invalid-right"),
                await (await app.Send(
                    "", HttpMethod.Post, "/millrace/access/" + path, new { to = "user:eve", right, reason = "x" }))
                    .Problem());

        Assert.Equal(200, (int)(await app.Get("olga:operator", "/millrace/access")).StatusCode);
    }

    [Fact]
    public async Task Endpoints_with_access_control_require_the_registration_of_users()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => LibraryApp.Start(builder =>
            builder.Services.AddMillrace(millrace => millrace.AddAccessControl(_ => { }))));

        Assert.Contains("AddMillraceAuthorization", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string> Text(LibraryApp app, string user, string path)
    {
        var response = await app.Get(user, path);
        Assert.Equal(200, (int)response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
