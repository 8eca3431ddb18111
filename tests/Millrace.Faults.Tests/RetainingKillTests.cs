using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Tests a node that is killed after each step of a run of the retention policies.</summary>
public sealed class RetainingKillTests : IDisposable
{
    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 3 };

    // The second value is false if the restarted node no longer knows the values of the person, and cannot search them.
    private static readonly (string Name, bool IsErased)[] Steps =
    [
        ("retention.started", true),
        ("retention.planned", true),
        ("erasure-approved", true),
        ("erasures.started", true),
        ("keys-gone", false),
        ("erasures.copies-removed", false),
        ("erasure-ended", true),
        ("retention.erased", true),
        ("archive-written", true),
        ("retention.archived", true),
        ("retention.removed", true),
        ("retention.completed", true),
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-retaining-kill-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute. The next test does it on PostgreSQL.
    public Task A_run_of_a_killed_node_continues_on_SQLite() =>
        Parallel.ForEachAsync(
            KilledStep.Sample(Steps, first: 0, every: 2),
            Parallelism,
            (step, _) => new ValueTask(Check(
                Path.Combine(_directory, $"{step.Name}.db"), Path.Combine(_directory, $"{step.Name}.keys"), step)));

    [PostgreSqlFact]
    public async Task A_run_of_a_killed_node_continues_on_PostgreSQL()
    {
        await using var server = await PostgreSqlServer.Start();
        await Parallel.ForEachAsync(KilledStep.Sample(Steps, first: 1, every: 4), Parallelism, async (step, _) =>
            await Check(await KilledStep.AddressOf(server), await KilledStep.AddressOf(server), step));
    }

    private async Task Check(string address, string keys, (string Name, bool IsErased) step)
    {
        var archive = Path.Combine(_directory, "archive", Guid.NewGuid().ToString("N"));
        await KilledStep.Run(
            address,
            $"STEP {step.Name}",
            (ErasingNode.StepVariable, step.Name),
            (ErasingNode.KeysVariable, keys),
            (ErasingNode.PemVariable, _key.ExportPkcs8PrivateKeyPem()),
            (RetainingNode.ArchiveVariable, archive));

        using var host = await Open(address, keys, archive);
        var retention = host.Services.GetRequiredService<RetentionService>();
        var run = await Eventually.Get(
            async () => (await retention.Find(RetainingNode.RunId))!,
            found => found.EndedAt is not null,
            KilledStep.WaitTimeout);

        Assert.Null(run.StopReason);
        Assert.Equal((2 * RetainingNode.Streams, 3 * RetainingNode.Streams), (run.Streams, run.Events));
        AssertErased(run, step.IsErased);
        var store = host.Services.GetRequiredService<EventStore>();
        await AssertRemoved(store);
        await AssertArchived(run, archive, mayHaveOtherFile: step.Name == "archive-written");
        Assert.Equal("""{"email":"[erased]","on":"2020-01-01"}""", Assert.Single(await Payloads(store, "customer-1")));
        Assert.Equal(
            """{"email":"bob@example.org","on":"2099-01-01"}""", Assert.Single(await Payloads(store, "customer-2")));
        Assert.True((await store.Verify()).IsSound);
        await host.StopAsync();
    }

    private static void AssertErased(RetentionRun run, bool isErased)
    {
        var result = run.Results.Single(
            result => result.Policy.StartsWith("category customer", StringComparison.Ordinal));
        Assert.Equal(isErased ? 1 : 0, result.ErasedSubjects);
        Assert.Equal(
            isErased ? [] : ["its erasure is incomplete: the certificate lists remaining data"],
            result.Kept.Select(kept => kept.Reason));
    }

    /// <summary>Checks that the expired streams are removed as a whole, and the others not at all.</summary>
    private static async Task AssertRemoved(EventStore store)
    {
        var rest = new List<string>();
        await foreach (var recorded in store.ReadLog(EventFilter.All))
        {
            if (recorded.Stream.Category is "cart" or "order")
                rest.Add($"{recorded.Stream.Category} {recorded.Type}");
        }
        Assert.Equal(
            [
                ("cart cart.opened", 1), ("cart retention.stream-removed", RetainingNode.Streams),
                ("order order.placed", 1), ("order retention.stream-removed", RetainingNode.Streams),
            ],
            rest.GroupBy(line => line).Select(group => (group.Key, group.Count())).Order());
        Assert.Empty(await Payloads(store, "order-7"));
        Assert.Single(await Payloads(store, "order-young"));
    }

    /// <summary>Checks that the recorded files are unchanged, and together contain the removed events.</summary>
    private static async Task AssertArchived(RetentionRun run, string directory, bool mayHaveOtherFile)
    {
        var archives = run.Results.SelectMany(result => result.Archives).ToArray();
        var events = new List<string>();
        foreach (var archive in archives)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(directory, archive.File));
            Assert.Equal(archive.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            var lines = ReadLines(bytes);
            Assert.Equal(archive.Events, lines.Count);
            events.AddRange(lines);
        }
        var expected = Enumerable.Range(0, RetainingNode.Streams)
            .SelectMany(number => new[] { $"order-{number} 1", $"order-{number} 2" });
        Assert.Equal(expected.Order(StringComparer.Ordinal), events.Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(2 * RetainingNode.Streams, archives.Sum(archive => archive.RemovedEvents));
        var files = Directory.GetFiles(directory).Length;
        Assert.InRange(files, archives.Length, archives.Length + (mayHaveOtherFile ? 1 : 0));
    }

    private static List<string> ReadLines(byte[] compressed)
    {
        using var reader = new StreamReader(
            new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress), Encoding.UTF8);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            lines.Add($"{json.RootElement.GetProperty("subject")} {json.RootElement.GetProperty("millraceversion")}");
        }
        return lines;
    }

    private static async Task<IReadOnlyList<string>> Payloads(EventStore store, string stream)
    {
        var payloads = new List<string>();
        await foreach (var recorded in store.ReadStream(new StreamId(stream)))
            payloads.Add(Encoding.UTF8.GetString(recorded.Payload.Span));
        return payloads;
    }

    private async Task<IHost> Open(string address, string keys, string archive)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => RetainingNode.Configure(
            millrace, address, keys, _key.ExportPkcs8PrivateKeyPem(), archive));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
