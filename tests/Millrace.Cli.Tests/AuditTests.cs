using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>Tests of the audit commands on the store of an application that seals its log.</summary>
public sealed class AuditTests : IDisposable
{
    private readonly Tool _tool = new();

    public AuditTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(_tool.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(_tool.File("public.pem"), key.ExportSubjectPublicKeyInfoPem());
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_sealed_store_is_verified_with_its_key_and_anchors()
    {
        await RunApplication();

        var table = await _tool.RunOk("audit", "verify", "--key", "public.pem", "--anchors", "anchors.jsonl");
        var report = (await _tool.RunOk("audit", "verify", "--json", "--anchors", "anchors.jsonl")).Json;
        var alone = await _tool.RunOk("audit", "verify");

        Assert.Contains("The log agrees with its seals.", table.Output, StringComparison.Ordinal);
        Assert.True(report.GetProperty("isSound").GetBoolean());
        Assert.Equal(
            report.GetProperty("sealedThrough").GetInt64(), report.GetProperty("anchoredThrough").GetInt64());
        var full = await _tool.RunOk(
            "audit", "verify", "--json", "--key", "public.pem", "--anchors", "anchors.jsonl", "--accept-removals");
        Assert.Contains("Warning: no anchors were given", alone.Output, StringComparison.Ordinal);
        Assert.Contains("Warning: the signatures were checked", alone.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Warning", table.Output, StringComparison.Ordinal);
        Assert.False(report.GetProperty("isKeyTrusted").GetBoolean());
        Assert.True(full.Json.GetProperty("isKeyTrusted").GetBoolean());
        Assert.True(full.Json.GetProperty("isAnchored").GetBoolean());
    }

    [Fact]
    public async Task A_changed_event_is_named_with_exit_code_5()
    {
        var position = await RunApplication();
        Change($"UPDATE events SET payload = x'5B5D' WHERE position = {position}");

        var run = await _tool.Run("audit", "verify", "--key", "public.pem", "--anchors", "anchors.jsonl");
        var json = await _tool.Run("audit", "verify", "--json");
        var proof = await _tool.Run("audit", "prove", $"{position}", "--json");

        Assert.Equal((5, 5, 5), (run.ExitCode, json.ExitCode, proof.ExitCode));
        Assert.StartsWith(
            $"EventChanged: The event at position {position} (order.noted", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"There is no proof for position {position}: the event at position {position} does not have its sealed",
            proof.Error,
            StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be sealed", proof.Error, StringComparison.Ordinal);
        var finding = json.Json.GetProperty("findings")[0];
        Assert.Equal("eventChanged", finding.GetProperty("kind").GetString());
        Assert.Equal(position, finding.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task A_removal_after_the_last_anchor_must_be_accepted()
    {
        await RunApplication();
        await using (var store = await StoreFile.Open(_tool.Store))
            await store.Truncate(new StreamId("order-1"), 3, "law", "eve");

        var refused = await _tool.Run("audit", "verify", "--key", "public.pem", "--anchors", "anchors.jsonl");
        var accepted = await _tool.RunOk(
            "audit", "verify", "--json", "--key", "public.pem", "--anchors", "anchors.jsonl", "--accept-removals");

        Assert.Equal(5, refused.ExitCode);
        Assert.Contains(
            "RemovalNotCovered: Versions 1 to 2 of 'order-1' were removed after the last anchor",
            refused.Output,
            StringComparison.Ordinal);
        Assert.Equal(1, accepted.Json.GetProperty("newRemovals").GetInt64());
    }

    [Fact]
    public async Task A_proof_of_an_event_is_written_as_json()
    {
        await RunApplication();

        var proof = (await _tool.RunOk("audit", "prove", "2", "--json")).Json;
        var plain = (await _tool.RunOk("audit", "prove", "2")).Json;
        var missing = await _tool.Run("audit", "prove", "1000");

        Assert.Equal(2, proof.GetProperty("position").GetInt64());
        Assert.Equal(proof.GetRawText(), plain.GetRawText());
        Assert.Equal(3, missing.ExitCode);
        Assert.Contains("is not sealed", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_seals_is_reported_with_exit_code_5()
    {
        await _tool.Append("order-1", "order.noted", "{}");

        var run = await _tool.Run("audit", "verify");
        var proof = await _tool.Run("audit", "prove", "1");

        Assert.Equal((5, 3), (run.ExitCode, proof.ExitCode));
        Assert.Contains("NotSealed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_key_or_file_of_anchors_is_an_error()
    {
        await RunApplication();

        var key = await _tool.Run("audit", "verify", "--key", "none.pem");
        var anchors = await _tool.Run("audit", "verify", "--anchors", "none.jsonl");

        Assert.Equal((3, 3), (key.ExitCode, anchors.ExitCode));
        Assert.Contains("none.pem", key.Error, StringComparison.Ordinal);
        Assert.Contains("none.jsonl", anchors.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_key_is_accepted_and_another_file_is_an_invalid_option()
    {
        await RunApplication();
        await File.WriteAllTextAsync(_tool.File("text.pem"), "no key");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(_tool.File("other.pem"), other.ExportSubjectPublicKeyInfoPem());

        await _tool.RunOk("audit", "verify", "--key", "key.pem");
        var text = await _tool.Run("audit", "verify", "--key", "text.pem");
        var wrong = await _tool.Run("audit", "verify", "--key", "other.pem", "--json");

        Assert.Equal((2, 5), (text.ExitCode, wrong.ExitCode));
        var finding = Assert.Single(wrong.Json.GetProperty("findings").EnumerateArray());
        Assert.Equal("keyUnknown", finding.GetProperty("kind").GetString());
        Assert.Contains("the unknown key", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_are_listed_filtered_and_exported()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            var trail = AuditTrails.Of(store);
            await trail.Record(
                new AuditEntry("command.place-order", "order-1", AuditResult.Succeeded)
                {
                    User = "ada",
                    Origin = new AuditOrigin("192.0.2.7", "=cmd,\"x\"\r\n"),
                },
                default);
            await trail.Record(
                new AuditEntry("access.grant", "role-clerk", AuditResult.Denied) { User = "eve", Reason = "missing" },
                default);
            await trail.Record(
                new AuditEntry("configuration.changed", "settings", AuditResult.Succeeded)
                {
                    Changes = [new AuditChange("seals.interval", "00:00:10", null)],
                },
                default);
        }

        var table = await _tool.RunOk("audit", "list");
        var json = await _tool.RunOk("audit", "list", "--json", "--user", "ada", "--since", "1h");
        var denied = await _tool.RunOk("audit", "list", "--result", "denied", "--format", "json");
        var csv = await _tool.RunOk("audit", "list", "--format", "csv", "--action", "command.*");
        var none = await _tool.RunOk("audit", "list", "--resource", "order-2");
        var first = await _tool.RunOk("audit", "list", "--format", "json", "--limit", "1");

        var changes = await _tool.RunOk("audit", "list", "--format", "csv", "--action", "configuration.changed");
        var changed = (await _tool.RunOk("audit", "list", "--json", "--resource", "settings")).Json;

        Assert.Contains("seals.interval: 00:00:10 → none", changes.Output, StringComparison.Ordinal);
        Assert.Equal("seals.interval", changed.GetProperty("changes")[0].GetProperty("name").GetString());
        Assert.Contains("role-clerk", table.Output, StringComparison.Ordinal);
        Assert.Equal("192.0.2.7", json.Json.GetProperty("address").GetString());
        Assert.Equal("access.grant", denied.Json.GetProperty("action").GetString());
        Assert.StartsWith("position,time,user,action", csv.Output, StringComparison.Ordinal);
        Assert.Contains(
            ",ada,command.place-order,order-1,succeeded,,192.0.2.7,\"'=cmd,\"\"x\"\"\r\n\",,\r\n",
            csv.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("role-clerk", csv.Output, StringComparison.Ordinal);
        Assert.Contains("no matching entries", none.Output, StringComparison.Ordinal);
        Assert.Equal("order-1", first.Json.GetProperty("resource").GetString());
        Assert.Equal(2, (await _tool.Run("audit", "list", "--format", "xml")).ExitCode);
        var deny = await _tool.Run("audit", "list", "--result", "deny");
        Assert.Equal(2, deny.ExitCode);
        Assert.Contains("'deny' is not a result: use succeeded, denied", deny.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await _tool.Run("audit", "list", "--limit", "0")).ExitCode);
    }

    [Fact]
    public async Task An_export_of_a_store_with_an_audit_trail_is_recorded()
    {
        await _tool.Append("order-1", "order.noted", "{}");
        await _tool.RunOk("export");
        Assert.Contains("no matching entries", (await _tool.RunOk("audit", "list")).Output, StringComparison.Ordinal);
        await using (var store = await StoreFile.Open(_tool.Store))
            await AuditTrails.Of(store).Record(new AuditEntry("start", "shop", AuditResult.Succeeded), default);

        await _tool.RunOk("export", "out.jsonl");

        var entry = (await _tool.RunOk("audit", "list", "--json", "--action", "tool.export")).Json;
        Assert.Equal("succeeded", entry.GetProperty("result").GetString());
        Assert.Equal(Environment.UserName, entry.GetProperty("user").GetString());
    }

    [Fact]
    public async Task An_application_without_the_folder_of_its_anchors_does_not_start()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddSeals(seals => (seals.KeyFile, seals.AnchorFile) =
                (_tool.File("key.pem"), _tool.File(Path.Combine("none", "anchors.jsonl")))));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        Assert.Contains("AnchorFile: the folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_without_its_key_does_not_start()
    {
        File.Delete(_tool.File("key.pem"));

        var refused = await Assert.ThrowsAsync<SealKeyException>(RunApplication);

        Assert.EndsWith("key.pem", refused.Path, StringComparison.Ordinal);
    }

    /// <summary>
    /// Runs an application until its events are sealed and anchored. Returns the position of the last event.
    /// </summary>
    private async Task<long> RunApplication()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration["Millrace:Seals:AnchorFile"] = _tool.File("anchors.jsonl");
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddSeals(seals =>
            {
                seals.KeyFile = _tool.File("key.pem");
                seals.Interval = TimeSpan.FromMilliseconds(100);
            }));
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var position = 0L;
        for (var i = 0; i < 5; i++)
        {
            var result = await store.Append(
                new StreamId("order-1"), ExpectedVersion.Any, [StoreFile.Event("order.noted", "{}")]);
            position = result.Position;
        }
        var anchors = _tool.File("anchors.jsonl");
        await Eventually.Until(() => File.Exists(anchors));
        await Eventually.Get(
            () => new LogSeals(store).Verify(new SealEvidence { AnchorFiles = [anchors] }),
            static report => report.Unsealed == 1 && report.AnchoredThrough == report.SealedThrough);
        await host.StopAsync();
        return position;
    }

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_tool.Store};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
