using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators receive reports over HTTP, and extend deadlines.</summary>
public sealed class ReportEndpointTests : IDisposable
{
    private const string Gdpr = "/millrace/reports/gdpr";
    private const string Sox = "/millrace/reports/sox";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task An_operator_receives_reports_as_JSON_and_as_pages()
    {
        await using var app = await Start();

        var gdpr = await Json(app, Gdpr + "?from=2020-01-01");
        var sox = await Json(app, Sox);
        var unverified = await Json(app, Sox + "?skipVerification=true");
        var retention = await Json(app, "/millrace/reports/retention");
        var page = await app.Client.GetAsync(Sox + "?format=html");

        Assert.Equal("retention", retention.GetProperty("report").GetString());
        Assert.Equal("Library", retention.GetProperty("controller").GetProperty("name").GetString());
        Assert.Equal("gdpr", gdpr.GetProperty("report").GetString());
        Assert.Equal("Library", gdpr.GetProperty("controller").GetProperty("name").GetString());
        Assert.Equal("fine-1", sox.GetProperty("changes")[0].GetProperty("stream").GetString());
        Assert.True(sox.GetProperty("summary").GetProperty("sealsVerified").GetBoolean());
        Assert.False(unverified.GetProperty("summary").GetProperty("sealsVerified").GetBoolean());
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.StartsWith(
            "<!doctype html>", await page.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        Assert.True(page.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_report_is_recorded_in_the_audit_trail_with_its_user()
    {
        await using var app = await Start();
        app.Client.DefaultRequestHeaders.UserAgent.ParseAdd("browser/1.0");

        await app.Client.GetAsync(Gdpr + "?from=2020-01-01&to=2021-01-01");

        var entry = await AuditTrails.Of(app.Store).Read(new AuditQuery { Action = "report.*" }).SingleAsync();
        Assert.Equal(("report.gdpr", "ada", AuditResult.Succeeded), (entry.Action, entry.User, entry.Result));
        Assert.Equal("2020-01-01T00:00:00Z/2021-01-01T00:00:00Z", entry.Resource);
        Assert.Equal("browser/1.0", entry.Origin?.UserAgent);
    }

    [Fact]
    public async Task An_operator_extends_the_deadline_of_a_request()
    {
        await using var app = await Start();
        const string Extend = "/millrace/reports/deadlines/request-1/extend";
        await app.Client.PostAsJsonAsync(
            "/millrace/erasures", new { id = "request-1", subject = "customer-1", reason = "by letter" });

        var extended = await app.Client.PostAsJsonAsync(Extend, new { reason = "complex" });
        var missing = await app.Client.PostAsJsonAsync(Extend, new { });
        var unknown = await app.Client.PostAsJsonAsync(
            Extend.Replace("request-1", "none", StringComparison.Ordinal), new { reason = "complex" });

        Assert.Equal(HttpStatusCode.NoContent, extended.StatusCode);
        Assert.Equal((400, "malformed-request"), await missing.Problem());
        Assert.Equal((404, "not-found"), await unknown.Problem());
        var request = (await Json(app, Gdpr)).GetProperty("requests")[0];
        Assert.True(request.GetProperty("isExtended").GetBoolean());
        Assert.Equal("complex", request.GetProperty("extensionReason").GetString());
    }

    [Theory]
    [InlineData("?format=pdf")]
    [InlineData("?from=yesterday")]
    [InlineData("?from=2021-01-01&to=2020-01-01")]
    [InlineData("?from=2999-01-01")]
    public async Task A_wrong_parameter_is_refused(string query)
    {
        await using var app = await Start();

        var response = await app.Client.GetAsync(Gdpr + query);

        Assert.Equal((400, "malformed-request"), await response.Problem());
    }

    [Theory]
    [InlineData("bob", HttpStatusCode.Forbidden)]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    public async Task Others_receive_no_report(string? user, HttpStatusCode expected)
    {
        await using var app = await Start(user: user);

        Assert.Equal(expected, (await app.Client.GetAsync(Gdpr)).StatusCode);
        Assert.Equal(expected, (await app.Client.GetAsync(Sox)).StatusCode);
        Assert.Empty(await AuditTrails.Of(app.Store).Read(new AuditQuery { Action = "report.*" }).ToListAsync());
    }

    [Fact]
    public async Task Without_decisions_operators_only_read()
    {
        await using var app = await Start(allowsDecisions: false);

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(Gdpr)).StatusCode);
        var extended = await app.Client.PostAsJsonAsync(
            "/millrace/reports/deadlines/request-1/extend", new { reason = "complex" });
        Assert.False(extended.IsSuccessStatusCode);
    }

    [Fact]
    public async Task An_application_without_reports_has_no_such_routes()
    {
        await using var app = await OperatorsApp.Start();

        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(Gdpr)).StatusCode);
    }

    private static async Task<JsonElement> Json(LibraryApp app, string path) =>
        await (await app.Client.GetAsync(path)).Json();

    private async Task<LibraryApp> Start(bool allowsDecisions = true, string? user = "ada")
    {
        var app = await OperatorsApp.Start(
            allowsDecisions,
            millrace => millrace
                .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")))
                .UseInMemoryKeys()
                .AddErasures(options =>
                    (options.PrivateKeyPem, options.SettleTime) = (_key.ExportPkcs8PrivateKeyPem(), TimeSpan.Zero))
                .AddAudit()
                .AddReports(reports => reports
                    .Controller(new DataController("Library", "1 Reading Road"))
                    .Financial("fine")),
            user);
        var store = app.Services.GetRequiredService<EventStore>();
        foreach (var (stream, type) in new[] { ("customer-1", "customer.registered"), ("fine-1", "fine.paid") })
            await store.Append(
                new StreamId(stream),
                ExpectedVersion.Any,
                [NewEvent.FromBytes(type, Encoding.UTF8.GetBytes("""{"email":"ada@example.org"}"""))]);
        return app;
    }
}
