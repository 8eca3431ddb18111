using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Millrace.Cli.Tests;

/// <summary>Tests that commands are sent to a running application, which applies the rights of the user.</summary>
public sealed class ServerCommandTests : IAsyncLifetime, IDisposable
{
    private const string Email = "ada.lovelace@example.org";

    private readonly Tool _tool = new();
    private WebApplication _app = null!; // Set before each test.

    private string Url => _app.Urls.First();

    public async Task InitializeAsync()
    {
        _tool.FurtherVariables["MILLRACE_TOKEN"] = "mary:manager";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication("test")
            .AddScheme<AuthenticationSchemeOptions, TokenAuthentication>("test", null);
        builder.Services.AddMillraceAuthorization();
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .UseSqliteKeys(_tool.File("keys.db"), "correct horse battery")
            .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")))
            .AddErasures(options => (options.PrivateKeyPem, options.SettleTime) = (pem, TimeSpan.Zero))
            .AddRetention(options => options.Category("cart").DeleteAfter(RetentionPeriod.Days(30)))
            .AddAudit()
            .AddAccessControl(access => access
                .Role("clerk", role => role.MayRead("customer"))
                .Role("manager", role => role.Includes("clerk").MayGrant("role clerk").MayOperate(
                    "overview", "access", "audit", "retention", "retention.decide", "erasures", "erasures.decide",
                    "settings"))
                .AddNames(AccessAction.Read, "customer")));
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseAuthentication();
        _app.UseAuthorization();
        _app.MapMillrace(options => options.AllowDecisions = true);
        await _app.StartAsync();
        await _app.Services.GetRequiredService<EventStore>().Append(
            new StreamId("customer-1"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes($$"""{"email":"{{Email}}"}"""))]);
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task The_readiness_of_the_application_is_the_exit_code()
    {
        var text = await _tool.Run("readiness", "--server", Url);
        var json = await _tool.Run("readiness", "--server", Url, "--json");
        var without = await _tool.Run("readiness");

        Assert.Equal((1, 1, 2), (text.ExitCode, json.ExitCode, without.ExitCode));
        Assert.Contains("NO", text.Output, StringComparison.Ordinal);
        Assert.Matches(@"backup +NO +Is the store backed up\?", text.Output); // The remedy names the same id.
        Assert.Contains("What to do:", text.Output, StringComparison.Ordinal);
        Assert.Contains("- backup: Add UseBackup.", text.Output, StringComparison.Ordinal);
        Assert.Contains("is not ready for production", text.Output, StringComparison.Ordinal);
        Assert.Equal(18, json.Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Rights_are_granted_explained_and_revoked_with_the_rights_of_the_token()
    {
        var before = (await Ok("access", "explain", "alice", "read", "customer", "--json")).Json;
        var granted = (await Ok("access", "grant", "user:alice", "role", "clerk", "--reason", "cover", "--json")).Json;
        var after = await Ok("access", "explain", "alice", "read", "customer");
        var listed = (await Ok("access", "list", "--json")).Json;
        var revoked = await Ok("access", "revoke", "user:alice", "role", "clerk", "--reason", "back");

        Assert.False(before.GetProperty("allowed").GetBoolean());
        Assert.Equal("mary", granted.GetProperty("by").GetString());
        Assert.Contains("alice has the permission 'read customer'", after.Output, StringComparison.Ordinal);
        Assert.Equal(
            "user:alice", Assert.Single(listed.GetProperty("grants").EnumerateArray()).GetProperty("to").GetString());
        Assert.Contains("was revoked from user:alice", revoked.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_the_permission_is_denied_and_recorded()
    {
        _tool.FurtherVariables["MILLRACE_TOKEN"] = "eve:clerk";

        var denied = await Send("access", "grant", "user:eve", "role", "manager", "--reason", "please");
        _tool.FurtherVariables["MILLRACE_TOKEN"] = "";
        var anonymous = await Send("access", "list");

        Assert.Equal((1, 1), (denied.ExitCode, anonymous.ExitCode));
        Assert.Contains("grant role manager", denied.Error, StringComparison.Ordinal);
        Assert.Contains("--token-file", anonymous.Error, StringComparison.Ordinal);
        _tool.FurtherVariables["MILLRACE_TOKEN"] = "mary:manager";
        var entries = (await Ok("audit", "list", "--result", "denied", "--format", "csv")).Lines;
        Assert.Contains(entries, line => line.Contains(",eve,operator.POST /access/grants,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_settings_in_effect_are_those_of_the_application()
    {
        var shown = (await Ok("config", "Erasures", "--json")).Json;
        var all = (await Ok("config", "--json")).Json;

        Assert.True(shown.GetProperty("isValid").GetBoolean());
        Assert.Empty(shown.GetProperty("settings").EnumerateArray());
        Assert.Contains(
            all.GetProperty("settings").EnumerateArray(),
            static setting => setting.GetProperty("key").GetString() == "Millrace:Consumers:Workers");
    }

    [Fact]
    public async Task The_audit_trail_is_the_same_as_in_the_store()
    {
        string[] query = ["audit", "list", "--action", "configuration.*", "--json"];

        var sent = (await Ok(query)).Lines;
        var stored = (await _tool.RunOk([.. query, "--store", _tool.Store])).Lines;

        Assert.Equal(stored, sent);
        Assert.Contains("\"name\":\"keys.store\"", Assert.Single(sent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retention_is_planned_and_run_by_the_application()
    {
        var plan = (await Ok("retention", "plan", "--json")).Json;
        await Ok("retention", "run", "--id", "by-hand");
        var runs = (await Ok("retention", "list", "--json")).Json;
        var run = (await Ok("retention", "show", "by-hand", "--json")).Json;
        var missing = await Send("retention", "show", "none");

        Assert.Equal(0, plan.GetProperty("events").GetInt64());
        Assert.Equal("by-hand", Assert.Single(runs.EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("mary", run.GetProperty("by").GetString());
        Assert.Equal(3, missing.ExitCode);
    }

    [Fact]
    public async Task A_person_is_held_released_exported_and_erased_by_the_application()
    {
        await Ok("erasure", "hold", "customer-1", "--reason", "lawsuit", "--json");
        var refused = (await Ok("erasure", "request", "held", "customer-1", "--reason", "letter", "--json")).Json;
        await Ok("erasure", "release", "customer-1", "--reason", "settled", "--json");
        await Ok("erasure", "export", "customer-1", "data.json");
        var again = await Send("erasure", "export", "customer-1", "data.json");
        await Ok("erasure", "request", "request-1", "customer-1", "--reason", "letter");
        var erased = (await Ok("erasure", "approve", "request-1", "--json")).Json;
        await Ok("erasure", "show", "request-1", "--certificate", "certificate.json", "--json");

        Assert.Equal("Refused", refused.GetProperty("state").GetString());
        Assert.Contains(Email, await File.ReadAllTextAsync(_tool.File("data.json")), StringComparison.Ordinal);
        Assert.Equal(2, again.ExitCode);
        Assert.Equal("Confirmed", erased.GetProperty("state").GetString());
        ErasureCertificate.Parse(await File.ReadAllTextAsync(_tool.File("certificate.json")));
        var all = (await Ok("erasure", "list", "--json")).Json;
        Assert.Equal(2, all.GetArrayLength());
    }

    [Theory]
    [InlineData("access", "list", "--server", "http://127.0.0.1:9", "--store", "shop.db")]
    [InlineData("access", "list", "--server", "ftp://127.0.0.1/")]
    [InlineData("access", "list", "--server", "http://shop.example")]
    [InlineData("access", "list", "--token-file", "token.txt")]
    [InlineData(
        "access", "grant", "user:a", "role", "clerk", "--reason", "r", "--by", "ann", "--server", "http://[::1]:9")]
    [InlineData(
        "access", "grant", "user:a", "role", "clerk", "--reason", "r", "--system", "--server", "http://[::1]:9")]
    [InlineData(
        "access", "grant", "user:a", "role", "clerk", "--reason", "r", "--role", "x", "--server", "http://[::1]:9")]
    [InlineData("retention", "run", "--by", "ann", "--server", "http://127.0.0.1:9")]
    [InlineData("erasure", "approve", "request-1")]
    [InlineData("streams", "--server", "http://127.0.0.1:9")]
    public async Task Options_that_contradict_each_other_are_refused(params string[] arguments) =>
        Assert.Equal(2, (await _tool.Run(arguments)).ExitCode);

    [Fact]
    public async Task An_application_that_cannot_be_reached_is_reported()
    {
        var run = await _tool.Run("access", "list", "--server", "http://127.0.0.1:9");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("cannot be reached", run.Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> Ok(params string[] arguments) => _tool.RunOk([.. arguments, "--server", Url]);

    private Task<ToolRun> Send(params string[] arguments) => _tool.Run([.. arguments, "--server", Url]);

    /// <summary>Authenticates the caller by a token with the name and the role, which only a test may do.</summary>
    private sealed class TokenAuthentication(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers.Authorization.ToString().Split(' ', ':') is not ["Bearer", var name, var role])
                return Task.FromResult(AuthenticateResult.NoResult());
            var user = new ClaimsPrincipal(new ClaimsIdentity(
                [new System.Security.Claims.Claim("sub", name), new System.Security.Claims.Claim("role", role)],
                Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
        }
    }
}
