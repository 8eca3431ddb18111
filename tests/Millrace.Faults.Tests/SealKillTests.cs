using System.Security.Cryptography;
using Millrace.Sqlite;

namespace Millrace.Faults.Tests;

/// <summary>Tests repeated crashes of a node that seals its log while it writes.</summary>
public sealed class SealKillTests : IDisposable
{
    private const int Writers = 8;
    private static readonly int Rounds = TestRun.IsLong ? 100 : 8;

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-seal-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Seals_and_anchors_of_killed_nodes_cover_each_event_once()
    {
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            await File.WriteAllTextAsync(PathOf(SealingNode.KeyFile), key.ExportPkcs8PrivateKeyPem());
        var seed = Random.Shared.Next(1_000_000);
        var random = new Random(seed);
        var (lastSize, grown) = (0L, 0);

        for (var round = 1; round <= Rounds; round++)
        {
            // The upper limit is longer than the lease of the previous node.
            var life = TimeSpan.FromMilliseconds(random.Next(300, 3_000));
            await KilledNode.RunAndKill(PathOf("ledger.db"), Writers, seed + round, life);
            var report = await Verify();

            Assert.True(
                report.Findings.All(finding => finding.Kind == SealFindingKind.NotSealed),
                $"seed {seed}, round {round}: {string.Join(' ', report.Findings)}");
            Assert.True(report.SealedThrough >= lastSize, $"seed {seed}, round {round}");
            grown += report.SealedThrough > lastSize ? 1 : 0;
            lastSize = report.SealedThrough;
        }

        Assert.True(grown >= 2, $"seed {seed}: the nodes made seals in only {grown} rounds.");
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private async Task<SealReport> Verify()
    {
        await using var store = await EventStore.Open(new SqliteStorage(PathOf("ledger.db")), EventTypeMap.Empty);
        var anchors = PathOf(SealingNode.AnchorFile);
        var hasAnchors = File.Exists(anchors) && new FileInfo(anchors).Length > 0;
        return await new LogSeals(store).Verify(new SealEvidence { AnchorFiles = hasAnchors ? [anchors] : [] });
    }
}
