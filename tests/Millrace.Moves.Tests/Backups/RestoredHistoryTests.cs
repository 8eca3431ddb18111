using Millrace.Backups;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Moves.Tests.Backups;

/// <summary>Tests that a store is restored as it was at any position, over random histories.</summary>
public sealed class RestoredHistoryTests : IDisposable
{
    private static readonly string[] ExactTables =
    [
        "claims: ", "handled: ", "removals: ", "stream_bounds: ", "document of timers: ",
        "document of process-shipping: ",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public static TheoryData<StoreKind, StoreKind, int> Cases
    {
        get
        {
            var cases = new TheoryData<StoreKind, StoreKind, int>();
            var kinds = SharedStore.All.Where(kind => kind != StoreKind.Memory).ToList();
            for (var seed = 1; seed <= (TestRun.IsLong ? 60 : 3); seed++)
            {
                foreach (var from in kinds)
                    cases.Add(from, kinds[seed % kinds.Count], seed);
            }
            return cases;
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_store_is_restored_as_it_was_at_any_position(StoreKind from, StoreKind to, int seed)
    {
        using var original = await SharedStore.Create(from);
        await using var storage = original.Open();
        await storage.Open(default);
        var place = new DirectoryObjectStorage(_directory);
        var random = new Random(seed);
        var passphrase = seed % 2 == 0 ? "a long passphrase" : null;
        var states = new Dictionary<long, string[]>();

        var history = new RandomHistory(storage, seed);
        await history.Begin();
        var writer = await Open(storage, place, passphrase);
        await writer.CopyTables(default);
        BackgroundCopy? copy = null;
        for (var step = 0; step < 60; step++)
        {
            await history.Run(1);
            states[(await storage.Log.GetHead(default)).Position] = await StoreContent.Of(storage);
            if (random.Next(3) == 0)
                await writer.WritePart(long.MaxValue, default);
            if (random.Next(15) == 0)
                writer = await Open(storage, place, passphrase); // As after a crash.
            if (copy is null && random.Next(10) == 0)
                copy = new BackgroundCopy(await writer.StartCopy(default), () => { });
            else if (copy is not null && random.Next(6) == 0)
                copy = await End(copy, writer, isKilled: random.Next(4) == 0);
            if (random.Next(20) == 0)
                await new StoreBackup(storage, place, passphrase).Run();
            if (random.Next(20) == 0)
                await writer.Merge(default);
        }
        if (copy is not null)
            await End(copy, writer, isKilled: false);
        await writer.WritePart(long.MaxValue, default);
        var last = states.Keys.Max();
        var final = await StoreContent.Of(storage);
        long[] positions = [.. states.Keys.OrderBy(_ => random.Next()).Take(4), last];

        foreach (var position in positions)
        {
            using var target = await SharedStore.Create(to);
            await using var restored = target.Open();
            var report = await new StoreRestore(place, restored, passphrase).Run(point: RestorePoint.At(position));

            Assert.Equal(position, report.Head.Position);
            AssertEqual(states[position], final, await StoreContent.Of(restored));
            var verified = await restored.Maintenance.Verify(null, default);
            Assert.True(verified.IsSound, string.Join("; ", verified.Checks.SelectMany(check => check.Problems)));
        }
    }

    /// <summary>Ends a copy that was written beside parts, or kills it.</summary>
    private static async Task<BackgroundCopy?> End(BackgroundCopy copy, BackupWriter writer, bool isKilled)
    {
        if (!isKilled)
            await writer.Add(await copy.End(), default);
        await copy.DisposeAsync();
        return null;
    }

    private static Task<BackupWriter> Open(IStorage storage, IObjectStorage place, string? passphrase) =>
        BackupWriter.Open(
            (IMovableStorage)storage,
            ((IBackupStorage)storage).Changes,
            place,
            passphrase,
            new BackupStart(),
            TimeProvider.System,
            default);

    /// <summary>
    /// Compares all tables of the log, and the documents that cannot be built from it. Events that were removed later
    /// may be missing.
    /// </summary>
    private static void AssertEqual(string[] expected, string[] final, string[] restored)
    {
        foreach (var table in ExactTables)
            Assert.Equal(RowsOf(expected, table), RowsOf(restored, table));
        var kept = RowsOf(restored, "event ");
        Assert.Empty(kept.Except(RowsOf(expected, "event ")));
        Assert.Empty(RowsOf(expected, "event ").Except(kept).Intersect(RowsOf(final, "event ")));
    }

    private static string[] RowsOf(string[] content, string table) =>
        [.. content.Where(line => line.StartsWith(table, StringComparison.Ordinal))];
}
