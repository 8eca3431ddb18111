using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators request and approve erasures over HTTP, hold subjects and export data.</summary>
public sealed class ErasureEndpointTests : IDisposable
{
    private const string Erasures = "/millrace/erasures";
    private const string Holds = "/millrace/legal-holds";
    private const string Email = "ada.lovelace@example.org";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task An_operator_erases_a_person_and_receives_the_certificate()
    {
        await using var app = await Start();

        var found = await Post(app, Erasures, Request());
        var early = await app.Client.GetAsync(Erasures + "/request-1/certificate");
        var erased = await Post(app, Erasures + "/request-1/approve", new { });
        var shown = await Json(app, Erasures + "/request-1");
        var all = await Json(app, Erasures);
        var file = await app.Client.GetStringAsync(Erasures + "/request-1/certificate");

        Assert.Equal("Found", found.GetProperty("state").GetString());
        Assert.Equal((409, "erasure-refused"), await early.Problem());
        Assert.Equal("Confirmed", erased.GetProperty("state").GetString());
        Assert.Equal("ada", shown.GetProperty("steps")[2].GetProperty("by").GetString());
        Assert.Equal(1, all.GetArrayLength());
        Assert.True(ErasureCertificate.Parse(file).IsSignedBy(_key.ExportSubjectPublicKeyInfoPem()));
        Assert.DoesNotContain(Email, await Export(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_held_person_is_not_erased()
    {
        await using var app = await Start();

        var hold = await Post(app, Holds, new { subject = "customer-1", reason = "lawsuit" });
        var refused = await Post(app, Erasures, Request());
        var approval = await app.Client.PostAsJsonAsync(Erasures + "/request-1/approve", new { });
        var held = await Json(app, Holds);
        var released = await app.Client.PostAsJsonAsync(
            Holds + "/release", new { subject = "customer-1", reason = "settled" });

        Assert.Equal("ada", hold.GetProperty("by").GetString());
        Assert.Equal("Refused", refused.GetProperty("state").GetString());
        Assert.Equal((409, "erasure-refused"), await approval.Problem());
        Assert.Equal(1, held.GetArrayLength());
        Assert.Equal(HttpStatusCode.NoContent, released.StatusCode);
        Assert.Equal(0, (await Json(app, Holds)).GetArrayLength());
    }

    [Fact]
    public async Task An_operator_stops_an_erasure_that_has_no_certificate()
    {
        await using var app = await Start();
        await Post(app, Erasures, Request());

        var missing = await app.Client.PostAsJsonAsync(Erasures + "/request-1/stop", new { });
        var stopped = await Post(app, Erasures + "/request-1/stop", new { reason = "requested by mistake" });
        var unknown = await app.Client.PostAsJsonAsync(Erasures + "/request-2/stop", new { reason = "none" });

        Assert.Equal((400, "malformed-request"), await missing.Problem());
        Assert.Equal("Refused", stopped.GetProperty("state").GetString());
        Assert.Equal("requested by mistake", stopped.GetProperty("refusal").GetString());
        Assert.Equal((404, "not-found"), await unknown.Problem());
    }

    [Fact]
    public async Task The_data_of_a_person_is_exported_as_JSON_and_as_a_page()
    {
        await using var app = await Start();

        var json = await Export(app);
        var page = await app.Client.PostAsync("/millrace/subjects/customer-1/export?format=html", null);

        Assert.Contains(Email, json, StringComparison.Ordinal);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Contains(Email, await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_requests_are_refused()
    {
        await using var app = await Start();

        var missing = await app.Client.PostAsJsonAsync(Erasures, new { id = "r" });
        var kinds = await app.Client.PostAsJsonAsync(
            Erasures, new { id = "r", subject = "customer-1", reason = "a", kinds = "contact" });
        var unknown = await app.Client.GetAsync(Erasures + "/none");

        Assert.Equal((400, "malformed-request"), await missing.Problem());
        Assert.Equal((400, "malformed-request"), await kinds.Problem());
        Assert.Equal("The member 'subject' is missing.", await DetailOf(missing));
        Assert.Equal("The member 'kinds' must be a list of texts.", await DetailOf(kinds));
        Assert.Equal((404, "not-found"), await unknown.Problem());
    }

    private static async Task<string?> DetailOf(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();

    [Theory]
    [InlineData(true, "bob", HttpStatusCode.Forbidden)]
    [InlineData(true, null, HttpStatusCode.Unauthorized)]
    public async Task Others_cannot_erase_or_export(bool allowsDecisions, string? user, HttpStatusCode expected)
    {
        await using var app = await Start(allowsDecisions, user);

        Assert.Equal(expected, (await app.Client.PostAsJsonAsync(Erasures, Request())).StatusCode);
        Assert.Equal(expected, (await app.Client.PostAsync("/millrace/subjects/customer-1/export", null)).StatusCode);
        Assert.Equal(expected, (await app.Client.GetAsync(Erasures)).StatusCode);
    }

    [Fact]
    public async Task Without_decisions_operators_only_read()
    {
        await using var app = await Start(allowsDecisions: false);

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync(Erasures)).StatusCode);
        Assert.False((await app.Client.PostAsJsonAsync(Erasures, Request())).IsSuccessStatusCode);
        Assert.False((await app.Client.PostAsync("/millrace/subjects/customer-1/export", null)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task An_application_without_erasures_has_no_such_routes()
    {
        await using var app = await OperatorsApp.Start();

        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(Erasures)).StatusCode);
    }

    private static object Request() => new { id = "request-1", subject = "customer-1", reason = "asked by letter" };

    private static async Task<JsonElement> Post(LibraryApp app, string path, object body) =>
        await (await app.Client.PostAsJsonAsync(path, body)).Json();

    private static async Task<JsonElement> Json(LibraryApp app, string path) =>
        await (await app.Client.GetAsync(path)).Json();

    private static async Task<string> Export(LibraryApp app) =>
        await (await app.Client.PostAsync("/millrace/subjects/customer-1/export", null)).Content.ReadAsStringAsync();

    private async Task<LibraryApp> Start(bool allowsDecisions = true, string? user = "ada")
    {
        var app = await OperatorsApp.Start(
            allowsDecisions,
            millrace => millrace
                .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")))
                .UseInMemoryKeys()
                .AddErasures(options =>
                    (options.PrivateKeyPem, options.SettleTime) = (_key.ExportPkcs8PrivateKeyPem(), TimeSpan.Zero)),
            user);
        var registered = NewEvent.FromBytes(
            "customer.registered", Encoding.UTF8.GetBytes($$"""{"email":"{{Email}}"}"""));
        await app.Services.GetRequiredService<EventStore>()
            .Append(new StreamId("customer-1"), ExpectedVersion.Any, [registered]);
        return app;
    }
}
