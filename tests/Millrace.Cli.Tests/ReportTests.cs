using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands that write reports from the declaration and the events in a store.</summary>
public sealed class ReportTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();

    public async Task InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_tool.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_tool.File("public.pem"), key.ExportSubjectPublicKeyInfoPem());
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")))
            .UseInMemoryKeys()
            .AddSeals(seals =>
            {
                seals.KeyFile = _tool.File("key.pem");
                seals.AnchorFile = _tool.File("anchors.jsonl");
                seals.Interval = TimeSpan.FromMilliseconds(100);
            })
            .AddReports(reports => reports
                .Controller(new DataController("Shop Ltd", "1 Quay Street"))
                .Activity(new ProcessingActivity("Orders", "sales", "contract")
                {
                    Subjects = ["customers"],
                    Data = ["names"],
                    Retention = "10 years",
                })
                .Financial("payment")));
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var paid = StoreFile.Event("payment.made", "{}");
        var result = await store.Append(new StreamId("payment-1"), ExpectedVersion.Any, [paid]);
        var evidence = new SealEvidence { AnchorFiles = [_tool.File("anchors.jsonl")] };
        await Eventually.Until(() => File.Exists(_tool.File("anchors.jsonl")));
        await Eventually.Get(
            () => new LogSeals(store).Verify(evidence), report => report.AnchoredThrough >= result.Position);
        await host.StopAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Reports_are_written_without_the_application()
    {
        var gdpr = (await _tool.RunOk("report", "gdpr", "--json")).Json;
        var sox = (await _tool.RunOk(
            "report", "sox", "--key", "public.pem", "--anchors", "anchors.jsonl", "--accept-removals")).Json;
        var unverified = (await _tool.RunOk("report", "sox", "--skip-verification")).Json;

        var retention = (await _tool.RunOk("report", "retention", "--json")).Json;

        Assert.Equal("retention", retention.GetProperty("report").GetString());
        Assert.Equal("notDeclared", retention.GetProperty("findings")[0].GetProperty("kind").GetString());
        Assert.Equal("Shop Ltd", gdpr.GetProperty("controller").GetProperty("name").GetString());
        Assert.Equal("/email", gdpr.GetProperty("places")[0].GetProperty("path").GetString());
        Assert.Equal(0, gdpr.GetProperty("findingCount").GetInt64());
        var change = sox.GetProperty("changes")[0];
        Assert.Equal("verified", change.GetProperty("seal").GetString());
        Assert.True(sox.GetProperty("summary").GetProperty("keyTrusted").GetBoolean());
        Assert.True(sox.GetProperty("summary").GetProperty("anchoredThrough").GetInt64() > 0);
        Assert.Equal("sealed", unverified.GetProperty("changes")[0].GetProperty("seal").GetString());
    }

    [Fact]
    public async Task A_report_is_written_to_a_new_file_in_the_format_of_its_name()
    {
        var page = await _tool.RunOk("report", "sox", "--key", "public.pem", "-o", "sox.html");
        var json = (await _tool.RunOk("report", "gdpr", "-o", "gdpr.json", "--json")).Json;
        var again = await _tool.Run("report", "sox", "-o", "sox.html");

        Assert.StartsWith("sox.html: 1 finding, up to position", page.Output, StringComparison.Ordinal);
        var html = await File.ReadAllTextAsync(_tool.File("sox.html"));
        Assert.StartsWith("<!doctype html>", html, StringComparison.Ordinal);
        using var written = JsonDocument.Parse(await File.ReadAllTextAsync(_tool.File("gdpr.json")));
        Assert.Equal(
            json.GetProperty("position").GetInt64(), written.RootElement.GetProperty("position").GetInt64());
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("exists", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_fails_leaves_no_file()
    {
        var period = await _tool.Run("report", "gdpr", "--from", "2012-01-01", "--to", "2011-01-01", "-o", "r.json");
        var key = await _tool.Run("report", "sox", "--key", "none.pem", "-o", "r.html");
        var anchors = await _tool.Run("report", "sox", "--anchors", "none.jsonl", "-o", "r.html");
        var folder = await _tool.Run("report", "gdpr", "-o", "none/r.html");
        var format = await _tool.Run("report", "gdpr", "--json", "--format", "html");

        Assert.Equal(
            (2, 3, 3, 3, 2), (period.ExitCode, key.ExitCode, anchors.ExitCode, folder.ExitCode, format.ExitCode));
        var anchorFolder = await _tool.Run("report", "sox", "--anchors", "none/a.jsonl", "-o", "r.html");
        Assert.Equal(3, anchorFolder.ExitCode);
        Assert.False(File.Exists(_tool.File("r.html.part")));
        Assert.False(File.Exists(_tool.File("r.json")));
        Assert.False(File.Exists(_tool.File("r.html")));
        Assert.Contains("none.jsonl", anchors.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_is_recorded_in_the_audit_trail_of_a_store_that_has_one()
    {
        await _tool.RunOk("report", "gdpr");
        Assert.Contains("no matching entries", (await _tool.RunOk("audit", "list")).Output, StringComparison.Ordinal);
        await using (var store = await StoreFile.Open(_tool.Store))
            await AuditTrails.Of(store).Record(new AuditEntry("start", "shop", AuditResult.Succeeded), default);

        await _tool.RunOk("report", "gdpr", "--to", "2030-01-01");

        var entry = (await _tool.RunOk("audit", "list", "--json", "--action", "report.gdpr")).Json;
        Assert.Equal(Environment.UserName, entry.GetProperty("user").GetString());
        Assert.Equal("start/2030-01-01T00:00:00Z", entry.GetProperty("resource").GetString());
    }
}
