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

    private static Task<LibraryApp> Start() => GuardedLibrary.Start(configure: static millrace => millrace
        .UseInMemoryKeys()
        .AddAudit()
        .AddModel(static model => model.ProtectReadModel(
            "reader-loans",
            new ProtectedMember("/loans") { Subject = "/reader", SubjectType = "reader", ErasedJson = "0" })));

    private static async Task<List<AuditEntry>> Reads(LibraryApp app)
    {
        var entries = await AuditTrails.Of(app.Store).Read(new AuditQuery()).ToListAsync();
        return [.. entries.Where(static entry => entry.Action.StartsWith("query.", StringComparison.Ordinal)
            || entry.Action.StartsWith("view.", StringComparison.Ordinal))];
    }
}
