using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests a node that is killed after each step of an erasure, while it wraps keys with another master key, and while it
/// encrypts documents again.
/// </summary>
public sealed class ErasingKillTests : IDisposable
{
    private const int People = 550;
    private const int Documents = 2_600;

    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 3 };

    // With true if the values were still known after the restart, so that they were searched.
    private static readonly (string Name, bool IsSearched)[] Steps =
    [
        ("erasures.started", true),
        ("values-read", true),
        ("keys-gone", false),
        ("erasures.keys-destroyed", false),
        ("erasures.copies-removed", false),
        ("erasures.verified", true),
        ("erasures.confirmed", true),
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-erasing-kill-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // The next test does it on PostgreSQL.
    public Task An_erasure_of_a_killed_node_continues_on_SQLite() =>
        Parallel.ForEachAsync(
            KilledStep.Sample(Steps, first: 0, every: 2),
            Parallelism,
            (step, _) => new ValueTask(CheckErasure(
                Path.Combine(_directory, $"{step.Name}.db"), Path.Combine(_directory, $"{step.Name}.keys"), step)));

    [PostgreSqlFact]
    public async Task An_erasure_of_a_killed_node_continues_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await Parallel.ForEachAsync(KilledStep.Sample(Steps, first: 1, every: 4), Parallelism, async (step, _) =>
            await CheckErasure(await KilledStep.AddressOf(server), await KilledStep.AddressOf(server), step));
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Another test does it on PostgreSQL.
    public Task Keys_that_a_killed_node_wrapped_are_readable_on_SQLite() =>
        CheckRewrap(Path.Combine(_directory, "people.db"), Path.Combine(_directory, "people.keys"));

    [PostgreSqlFact]
    public async Task Keys_that_a_killed_node_wrapped_are_readable_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await CheckRewrap(await KilledStep.AddressOf(server), await KilledStep.AddressOf(server));
    }

    [Fact]
    public Task Documents_that_a_killed_node_encrypted_again_are_readable_on_SQLite() =>
        CheckReencryption(Path.Combine(_directory, "documents.db"), Path.Combine(_directory, "documents.keys"));

    [PostgreSqlFact]
    public async Task Documents_that_a_killed_node_encrypted_again_are_readable_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await CheckReencryption(await KilledStep.AddressOf(server), await KilledStep.AddressOf(server));
    }

    private async Task CheckErasure(string address, string keys, (string Name, bool IsSearched) step)
    {
        await RunAndKill(address, keys, step.Name, $"STEP {step.Name}");

        using var host = await Open(address, keys, ErasingNode.Passphrase);
        var erasures = host.Services.GetRequiredService<Erasures>();
        var info = await Eventually.Get(
            async () => (await erasures.Find(ErasingNode.Erasure))!, found => found.IsFinal, KilledStep.WaitTimeout);

        Assert.Equal(step.IsSearched ? ErasureState.Confirmed : ErasureState.Incomplete, info.State);
        Assert.Equal(
            ["requested", "found", "approved", "started", "keys-destroyed", "copies-removed", "verified", "confirmed"],
            info.Steps.Select(done => done.Name));
        Assert.Empty(info.Verified.SelectMany(place => place.Findings));
        Assert.True(info.Certificate!.IsSignedBy(_key.ExportSubjectPublicKeyInfoPem()));
        Assert.Contains(
            step.IsSearched ? "\"result\":\"complete\"" : "\"result\":\"keys-only\"",
            Encoding.UTF8.GetString(info.Certificate.Content.Span),
            StringComparison.Ordinal);
        var records = await host.Services.GetRequiredService<DataKeys>().List(
            new KeyQuery { Tenant = "", Subject = "customer-1" });
        Assert.NotEmpty(records);
        Assert.All(records, record => Assert.Equal(KeyState.Destroyed, record.State));
        var store = host.Services.GetRequiredService<EventStore>();
        Assert.Equal("""{"email":"[erased]"}""", await Read(store, "customer-1"));
        Assert.Equal("""{"email":"bob@example.org"}""", await Read(store, "customer-2"));
        var timer = await Read(store, "$timer-remind-customer-1");
        if (step.IsSearched)
            Assert.DoesNotContain(ErasingNode.Email, timer, StringComparison.Ordinal);
        await host.StopAsync();
    }

    private async Task CheckRewrap(string address, string keys)
    {
        using (var host = await Open(address, keys, ErasingNode.Passphrase))
        {
            var store = host.Services.GetRequiredService<EventStore>();
            for (var person = 0; person < People; person++)
                await store.Append(
                    new StreamId($"customer-{person}"),
                    ExpectedVersion.Any,
                    [NewEvent.FromBytes("customer.registered", Encoding.UTF8.GetBytes(PayloadOf(person)))]);
            await host.StopAsync();
        }

        await RunAndKill(address, keys, ErasingNode.Rewrap, "STEP 200"); // The node is in a later page.

        using (var host = await Open(address, keys, ErasingNode.NewPassphrase, ErasingNode.Passphrase))
        {
            await AssertReadable(host);
            var data = host.Services.GetRequiredService<DataKeys>();
            var masters = (await data.List(new KeyQuery { Limit = 1_000 }))
                .GroupBy(record => record.MasterKeyId)
                .Select(group => group.Count())
                .ToArray();
            Assert.Equal(2, masters.Length); // The node was killed in between.
            Assert.True(masters.Min() >= 50, string.Join(", ", masters));
            var rest = await data.RewrapAll();
            Assert.Contains((int)rest, masters);
            await host.StopAsync();
        }
        using var rewrapped = await Open(address, keys, ErasingNode.NewPassphrase);
        await AssertReadable(rewrapped);
        await rewrapped.StopAsync();
    }

    private async Task CheckReencryption(string address, string keys)
    {
        using (var host = await Open(address, keys, ErasingNode.Passphrase))
        {
            await ErasingNode.WriteDocuments(
                host.Services.GetRequiredService<EventStore>(), Enumerable.Range(0, Documents).Select(PayloadOf));
            var data = host.Services.GetRequiredService<DataKeys>();
            foreach (var record in await data.List(new KeyQuery { Tenant = "" }))
                await data.Replace(record.Owner);
            await host.StopAsync();
        }

        await RunAndKill(address, keys, ErasingNode.Reencrypt, "STEP 1400"); // The last record is older.

        using var again = await Open(address, keys, ErasingNode.Passphrase);
        var store = again.Services.GetRequiredService<EventStore>();
        var maintenance = new KeyMaintenance(store, again.Services.GetRequiredService<DataKeys>());
        await AssertDocuments(store);
        var replaced = Assert.Single((await maintenance.Verify()).Replaced);
        Assert.InRange(replaced.Documents, 1, Documents - 1_200); // The node was killed in between.

        var result = await maintenance.Reencrypt(new ReencryptionRequest("other", "other"));

        Assert.Equal((true, 0), (result.WasContinued, result.Remaining));
        Assert.InRange(result.Rewritten, replaced.Documents, Documents);
        Assert.Empty((await maintenance.Verify()).Replaced);
        await AssertDocuments(store);
        var events = await store.ReadStream(new StreamId("$reencryption")).Select(one => one.Type).ToListAsync();
        Assert.Single(events, "keys.reencryption-started");
        Assert.Equal("keys.reencryption-completed", events[^1]);
        Assert.Contains("officer", await Read(store, "$reencryption"), StringComparison.Ordinal);
        Assert.DoesNotContain("other", await Read(store, "$reencryption"), StringComparison.Ordinal);
        await again.StopAsync();
    }

    private static async Task AssertDocuments(EventStore store)
    {
        foreach (var number in Enumerable.Range(0, Documents))
            Assert.Contains(
                PayloadOf(number), await ErasingNode.ReadDocument(store, number), StringComparison.Ordinal);
    }

    private static async Task AssertReadable(IHost host)
    {
        var store = host.Services.GetRequiredService<EventStore>();
        for (var person = 0; person < People; person++)
            Assert.Equal(PayloadOf(person), await Read(store, $"customer-{person}"));
    }

    private static string PayloadOf(int person) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"email":"person-{{person}}@example.org"}""");

    /// <summary>Returns the payloads of a stream, joined.</summary>
    private static async Task<string> Read(EventStore store, string stream)
    {
        var payloads = new StringBuilder();
        await foreach (var recorded in store.ReadStream(new StreamId(stream)))
            payloads.Append(Encoding.UTF8.GetString(recorded.Payload.Span));
        return payloads.ToString();
    }

    private async Task<IHost> Open(string address, string keys, params string[] passphrases)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => ErasingNode.Configure(
            millrace, address, keys, _key.ExportPkcs8PrivateKeyPem(), passphrases));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private Task RunAndKill(string address, string keys, string step, string lastLine) => KilledStep.Run(
        address,
        lastLine,
        (ErasingNode.StepVariable, step),
        (ErasingNode.KeysVariable, keys),
        (ErasingNode.PemVariable, _key.ExportPkcs8PrivateKeyPem()));
}
