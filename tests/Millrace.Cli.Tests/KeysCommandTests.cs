using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Sqlite;
using Millrace.Testing;
using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands for data keys on a key store in a file.</summary>
public sealed class KeysCommandTests : IAsyncLifetime, IDisposable
{
    private const string Passphrase = "correct horse battery";
    private const string Other = "another horse battery";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _emails = new();
    private readonly Tool _tool = new();

    private string Keys => _tool.File("keys.db");

    private string Backup => _tool.File("keys-backup.db");

    public async Task InitializeAsync()
    {
        _tool.FurtherVariables["MILLRACE_KEYS_PASSPHRASE"] = Passphrase;
        _tool.FurtherVariables["MILLRACE_KEYS"] = Keys;
        await Run(async node => await Append(node, "customer-1"));
        File.Copy(Keys, Backup);
        await Run(async node => await Append(node, "customer-2"));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Keys_are_counted_without_a_secret()
    {
        _tool.FurtherVariables.Remove("MILLRACE_KEYS_PASSPHRASE");

        var all = (await _tool.RunOk("keys", "list", "--json")).Json;
        var table = await _tool.RunOk("keys", "list", "--keys", Keys);

        var group = Assert.Single(all.EnumerateArray());
        Assert.Equal(2, group.GetProperty("keys").GetInt64());
        Assert.Equal("Active", group.GetProperty("state").GetString());
        Assert.StartsWith("passphrase-", group.GetProperty("masterKey").GetString(), StringComparison.Ordinal);
        Assert.Contains("personal", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_wrapped_again_with_a_new_passphrase()
    {
        var file = _tool.File("former.txt");
        await File.WriteAllTextAsync(file, Passphrase + "\n");
        _tool.FurtherVariables["MILLRACE_KEYS_PASSPHRASE"] = Other;

        Assert.Equal(5, (await _tool.Run("keys", "verify", "--store", _tool.Store)).ExitCode);
        var wrapped = (await _tool.RunOk("keys", "rewrap", "--former-passphrase-file", file, "--json")).Json;
        var again = (await _tool.RunOk("keys", "rewrap", "--json")).Json;

        Assert.Equal(2, wrapped.GetProperty("rewrapped").GetInt64());
        Assert.Equal(0, again.GetProperty("rewrapped").GetInt64());
        await _tool.RunOk("keys", "verify", "--store", _tool.Store);
        await Run(async node => Assert.Equal("ada@example.org", await Read(node, "customer-1")), Other);
    }

    [Fact]
    public async Task The_keys_of_a_subject_are_replaced()
    {
        var replaced = (await _tool.RunOk("keys", "replace", "customer-1", "--json")).Json;
        var none = await _tool.Run("keys", "replace", "customer-9");

        Assert.Equal(1, replaced.GetProperty("replaced").GetInt64());
        Assert.Equal(3, none.ExitCode);
        var states = (await _tool.RunOk("keys", "list", "--json")).Json.EnumerateArray()
            .Select(group => $"{group.GetProperty("state").GetString()} {group.GetProperty("keys").GetInt64()}");
        Assert.Equal(["Active 2", "Retired 1"], states);
        await Run(async node =>
        {
            await Append(node, "customer-1");
            Assert.Equal("ada@example.org", await Read(node, "customer-1"));
        });
    }

    [Fact]
    public async Task Changes_of_keys_are_recorded_in_the_audit_trail_of_the_specified_store()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
            await AuditTrails.Of(store).Record(new AuditEntry("start", "shop", AuditResult.Succeeded), default);

        await _tool.RunOk("keys", "replace", "customer-1", "--store", _tool.Store);
        await _tool.RunOk("keys", "rewrap", "--store", _tool.Store);
        await _tool.RunOk("keys", "replace", "customer-2"); // Not recorded: no store is specified.

        var list = await _tool.RunOk(
            "audit", "list", "--action", "keys.*", "--format", "csv", "--store", _tool.Store);
        var entries = list.Lines;
        Assert.Equal(3, entries.Length); // With the titles of the columns.
        Assert.Contains(
            $",{Environment.UserName},keys.replaced,customer-1,succeeded,1 key,", entries[1], StringComparison.Ordinal);
        Assert.Contains(",keys.rewrapped,SQLite keys ", entries[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_of_a_lost_key_continue_after_it_was_declared_lost()
    {
        File.Copy(Backup, Keys, overwrite: true);
        await Run(
            async node =>
            {
                var error = await Assert.ThrowsAsync<KeyStoreException>(() => Read(node, "customer-2"));
                await Append(node, "customer-3");
                var found = await VerifyMissing(error);
                Assert.DoesNotContain("[erased]", _emails);

                var lost = (await _tool.RunOk(
                    "keys", "lost", found, "--store", _tool.Store, "--reason", "no backup", "--by", "ann", "--json"))
                    .Json;

                Assert.Equal(error.Position, lost.GetProperty("firstPosition").GetInt64());
                Assert.Equal("[erased]", await Read(node, "customer-2"));
                await Eventually.Get(() => Task.FromResult(_emails.Count), count => count == 3, WaitTimeout);
                // The streams are handled in parallel.
                Assert.Equal(
                    ["[erased]", "ada@example.org", "ada@example.org"], _emails.Order(StringComparer.Ordinal));
            },
            withConsumer: true);
        var again = await _tool.RunOk(
            "keys", "lost", VerifiedLost(await _tool.RunOk("keys", "verify", "--store", _tool.Store, "--json")),
            "--store", _tool.Store, "--reason", "second", "--json");
        Assert.Equal("no backup", again.Json.GetProperty("reason").GetString());
        Assert.Single((await _tool.RunOk("read", "$keys", "--store", _tool.Store)).Output.Split("keys.lost")[1..]);
        await Run(async node => Assert.Equal("[erased]", await Read(node, "customer-2")));
    }

    [Fact]
    public async Task Documents_are_encrypted_again_after_their_keys_were_replaced()
    {
        await _tool.RunOk("keys", "replace", "customer-1", "--json");

        var silent = await _tool.Run("keys", "reencrypt", "--store", _tool.Store);
        var wrong = await _tool.Run("keys", "reencrypt", "--store", _tool.Store, "--reason", "r", "--rate", "0");
        var done = (await _tool.RunOk(
            "keys", "reencrypt", "--store", _tool.Store, "--reason", "stolen laptop", "--by", "ann", "--json")).Json;
        var text = await _tool.RunOk("keys", "reencrypt", "--store", _tool.Store, "--reason", "again");
        var report = (await _tool.RunOk("keys", "verify", "--store", _tool.Store, "--json")).Json;

        Assert.Equal((2, 2), (silent.ExitCode, wrong.ExitCode));
        Assert.Equal(0, done.GetProperty("remaining").GetInt64());
        Assert.Contains("No document has a value of a replaced key.", text.Output, StringComparison.Ordinal);
        var key = Assert.Single(report.GetProperty("replaced").EnumerateArray());
        Assert.Equal("customer-1", key.GetProperty("subject").GetString());
        Assert.Equal((0, 1), (key.GetProperty("documents").GetInt64(), key.GetProperty("logValues").GetInt64()));
        var recorded = (await _tool.RunOk("read", "$reencryption", "--store", _tool.Store)).Output;
        Assert.Contains("stolen laptop", recorded, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_claims_are_replaced_by_hashes()
    {
        await Run(async node =>
        {
            var claim = Claim.Acquire("customer-email", "ada@example.org", "1");
            await node.GetRequiredService<EventStore>().Append(new AppendRequest().With(claim));
        });

        var silent = await _tool.Run("keys", "protect-claims", "customer-email", "--store", _tool.Store);
        var done = (await _tool.RunOk(
            "keys", "protect-claims", "customer-email", "--store", _tool.Store, "--reason", "privacy", "--by", "ann",
            "--json")).Json;
        var again = await _tool.RunOk(
            "keys", "protect-claims", "customer-email", "--store", _tool.Store, "--reason", "privacy");

        Assert.Equal((2, 1), (silent.ExitCode, done.GetProperty("replaced").GetInt64()));
        Assert.Equal(0, done.GetProperty("conflicts").GetArrayLength());
        Assert.Contains("Replaced 0 plain claims by hashes.", again.Output, StringComparison.Ordinal);
        var recorded = (await _tool.RunOk("read", "$claims", "--store", _tool.Store)).Output;
        Assert.Contains("ann", recorded, StringComparison.Ordinal);
        Assert.DoesNotContain("ada@", recorded, StringComparison.Ordinal);
        await Run(async node => await Assert.ThrowsAsync<ProtectedValueException>(() =>
            node.GetRequiredService<EventStore>().Append(
                new AppendRequest().With(Claim.Acquire("customer-email", "ada@example.org", "2")))));
    }

    [Fact]
    public async Task Plain_values_of_members_with_sensitive_names_are_found()
    {
        var none = await _tool.Run("keys", "unmarked", "--store", _tool.Store);
        await _tool.RunOk(
            "append", "lead-1", "--store", _tool.Store, "--type", "lead.found", "--data", """{"phone":"0815"}""");

        var found = await _tool.Run("keys", "unmarked", "--store", _tool.Store, "--json");
        var wrong = await _tool.Run("keys", "unmarked", "--store", _tool.Store, "--last", "0");

        Assert.Equal((0, 5, 2), (none.ExitCode, found.ExitCode, wrong.ExitCode));
        var member = Assert.Single(found.Json.EnumerateArray());
        Assert.Equal(
            ("lead.found", "/phone", "phone"),
            (member.GetProperty("eventType").GetString(), member.GetProperty("path").GetString(),
                member.GetProperty("word").GetString()));
        Assert.DoesNotContain("0815", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_lost_is_refused()
    {
        await using var store = new SqliteKeyStore(Keys);
        await store.Open(default);
        var known = (await store.List(new KeyQuery(), default))[0].Id;

        var contained = await _tool.Run("keys", "lost", known, "--store", _tool.Store, "--reason", "r");
        var unused = await _tool.Run("keys", "lost", new string('A', 22), "--store", _tool.Store, "--reason", "r");
        var silent = await _tool.Run("keys", "lost", known, "--store", _tool.Store);

        Assert.Equal((4, 4, 2), (contained.ExitCode, unused.ExitCode, silent.ExitCode));
        Assert.Contains("contains it", contained.Error, StringComparison.Ordinal);
        Assert.Contains("no event has a value", unused.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await _tool.Run("read", "$keys", "--store", _tool.Store)).ExitCode);
        var forged = await _tool.Run(
            "append", "$keys", "--store", _tool.Store, "--type", "keys.lost", "--data", $$"""{"keyId":"{{known}}"}""");
        Assert.Equal(2, forged.ExitCode);
    }

    [Fact]
    public async Task A_damaged_key_is_found()
    {
        await Execute(
            "UPDATE wrapped_keys SET bytes = zeroblob(60) WHERE number = "
            + "(SELECT number FROM keys WHERE subject = 'customer-2')");

        var found = await _tool.Run("keys", "verify", "--store", _tool.Store, "--json");
        var text = await _tool.Run("keys", "verify", "--store", _tool.Store);

        Assert.Equal(5, found.ExitCode);
        Assert.Single(found.Json.GetProperty("unusable").EnumerateArray());
        Assert.Equal(1, found.Json.GetProperty("keys").GetInt64());
        Assert.Contains("its bytes were changed", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_key_stores_and_secrets_are_refused()
    {
        var empty = _tool.File("empty.txt");
        await File.WriteAllTextAsync(empty, "\n");
        await using (var other = new SqliteKeyStore(_tool.File("other.db")))
            await other.Open(default);

        Assert.Equal(5, (await _tool.Run("keys", "list", "--keys", _tool.File("none.db"))).ExitCode);
        Assert.False(File.Exists(_tool.File("none.db")));
        Assert.Equal(2, (await _tool.Run("keys", "rewrap", "--passphrase-file", empty)).ExitCode);
        Assert.Equal(3, (await _tool.Run("keys", "rewrap", "--passphrase-file", _tool.File("none.txt"))).ExitCode);
        var foreign = await _tool.Run(
            "keys", "verify", "--store", _tool.Store, "--keys", _tool.File("other.db"));
        Assert.Equal(5, foreign.ExitCode);
        Assert.Contains("was written with the key store", foreign.Error, StringComparison.Ordinal);
        _tool.FurtherVariables["MILLRACE_KEYS_PASSPHRASE"] = "short";
        Assert.Equal(2, (await _tool.Run("keys", "rewrap")).ExitCode);
        _tool.FurtherVariables.Remove("MILLRACE_KEYS_PASSPHRASE");
        Assert.Equal(2, (await _tool.Run("keys", "rewrap")).ExitCode);
        Assert.Equal(2, (await _tool.Run("keys", "rewrap", "--pkcs11")).ExitCode);
        _tool.FurtherVariables.Remove("MILLRACE_KEYS");
        Assert.Equal(2, (await _tool.Run("keys", "list")).ExitCode);
    }

    [SoftHsmFact]
    public async Task Keys_are_wrapped_again_with_a_key_of_a_token()
    {
        using var tool = new Tool { IsOwnProcess = true };
        var tokens = System.IO.Directory.CreateDirectory(tool.File("tokens")).FullName;
        await File.WriteAllTextAsync(tool.File("softhsm2.conf"), $"directories.tokendir = {tokens}\n");
        await File.WriteAllBytesAsync(tool.File("key.bin"), RandomKey());
        await SoftHsm(tool, "--init-token", "--free", "--label", "shop", "--pin", "4711", "--so-pin", "47114711");
        await SoftHsm(
            tool, "--import", tool.File("key.bin"), "--aes", "--token", "shop", "--pin", "4711", "--label", "master",
            "--id", "01");
        foreach (var (name, value) in _tool.FurtherVariables)
            tool.FurtherVariables[name] = value;
        tool.FurtherVariables["SOFTHSM2_CONF"] = tool.File("softhsm2.conf");
        tool.FurtherVariables["Millrace__Pkcs11__ModulePath"] = SoftHsmPrograms.Library!;
        tool.FurtherVariables["Millrace__Pkcs11__TokenLabel"] = "shop";
        tool.FurtherVariables["Millrace__Pkcs11__KeyLabel"] = "master";
        tool.FurtherVariables["Millrace__Pkcs11__Pin"] = "4711";

        var wrapped = (await tool.RunOk("keys", "rewrap", "--pkcs11", "--json")).Json;
        tool.FurtherVariables.Remove("MILLRACE_KEYS_PASSPHRASE");
        var verified = (await tool.RunOk("keys", "verify", "--pkcs11", "--store", _tool.Store, "--json")).Json;
        tool.FurtherVariables["Millrace__Pkcs11__Pin"] = "4712";
        var refused = await tool.Run("keys", "verify", "--pkcs11", "--store", _tool.Store);

        Assert.Equal(2, wrapped.GetProperty("rewrapped").GetInt64());
        Assert.Equal(2, verified.GetProperty("keys").GetInt64());
        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("refuses the PIN", refused.Error, StringComparison.Ordinal);
    }

    private async Task<string> VerifyMissing(KeyStoreException error)
    {
        var verified = await _tool.Run("keys", "verify", "--store", _tool.Store, "--json");
        var missing = Assert.Single(verified.Json.GetProperty("missing").EnumerateArray());
        Assert.Equal(5, verified.ExitCode);
        Assert.Equal(error.Position, missing.GetProperty("firstPosition").GetInt64());
        Assert.Equal(error.KeyId, missing.GetProperty("keyId").GetString());
        Assert.Contains($"position {error.Position}", error.Message, StringComparison.Ordinal);
        return error.KeyId!;
    }

    private static string VerifiedLost(ToolRun verified)
    {
        var missing = Assert.Single(verified.Json.GetProperty("missing").EnumerateArray());
        Assert.True(missing.GetProperty("isDeclaredLost").GetBoolean());
        return missing.GetProperty("keyId").GetString()!;
    }

    private async Task Run(
        Func<IServiceProvider, Task> use, string passphrase = Passphrase, bool withConsumer = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace
                .UseSqlite(_tool.Store)
                .UseSqliteKeys(Keys, passphrase)
                .AddModel(model => model.Protect("customer.registered", new ProtectedMember("/email")));
            if (withConsumer)
                millrace.AddConsumer("mails", EventFilter.OfTypes("customer.registered"), (recorded, _) =>
                {
                    _emails.Enqueue(EmailOf(recorded));
                    return ValueTask.CompletedTask;
                });
        });
        using var host = builder.Build();
        await host.StartAsync();
        await use(host.Services);
        await host.StopAsync();
    }

    private static async Task Append(IServiceProvider node, string stream) =>
        await node.GetRequiredService<EventStore>().Append(
            new StreamId(stream),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("customer.registered", """{"email":"ada@example.org"}"""u8.ToArray())]);

    private static async Task<string> Read(IServiceProvider node, string stream)
    {
        await foreach (var recorded in node.GetRequiredService<EventStore>().ReadStream(new StreamId(stream)))
            return EmailOf(recorded);
        throw new InvalidOperationException("There is no event.");
    }

    private static string EmailOf(RecordedEvent recorded)
    {
        using var json = JsonDocument.Parse(recorded.Payload);
        return json.RootElement.GetProperty("email").GetString()!;
    }

    /// <summary>Returns a key of letters, because softhsm2-util ends a key at some other bytes.</summary>
    private static byte[] RandomKey() =>
        System.Text.Encoding.ASCII.GetBytes(
            System.Security.Cryptography.RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 32));

    private async Task Execute(string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Keys};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    private static async Task SoftHsm(Tool tool, params string[] arguments)
    {
        var start = new ProcessStartInfo("softhsm2-util", arguments)
        {
            RedirectStandardOutput = true,
            Environment = { ["SOFTHSM2_CONF"] = tool.File("softhsm2.conf") },
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(WaitTimeout);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
    }
}
