using Millrace.Sqlite;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Tests a node that is killed while it backs up its store.</summary>
public sealed class BackupKillTests : IDisposable
{
    private const int Writers = 8;

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backup-kill-").FullName;

    private int _restores;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_backup_of_a_killed_node_is_restored_and_continued()
    {
        var seed = Random.Shared.Next(1_000_000);
        var file = Path.Combine(_directory, "ledger.db");
        var place = new DirectoryObjectStorage(Directory.CreateDirectory(Path.Combine(_directory, "place")).FullName);
        var acknowledged = await KilledNode.RunAndKill(
            file, Writers, seed, Path.Combine(_directory, "place"), () => WaitForParts(place));

        var events = await ReadLog(file);
        var restored = await Restore(place, "restored.db");
        await using (var storage = new SqliteStorage(file))
        {
            await storage.Open(default);
            await new StoreBackup(storage, place).Run();
        }
        var continued = await Restore(place, "continued.db");

        LedgerChecks.AssertAcknowledged([.. acknowledged], events, $"the store of seed {seed}");
        Assert.InRange(restored.Count, 2, events.Count);
        Assert.Equal(events.Take(restored.Count).Select(RowOf), restored.Select(RowOf));
        Assert.Equal(events.Select(RowOf), continued.Select(RowOf));
    }

    [Theory]
    [InlineData(3, true)] // The table copy was read, and nothing is written.
    [InlineData(20, true)] // Some of the log is written.
    [InlineData(20, false)] // The node writes when it is killed.
    [InlineData(60, true)] // The changes are being written, after the log.
    public async Task A_killed_restore_is_complete_after_the_next_one(int step, bool waits)
    {
        const int Parts = 40;
        var source = Path.Combine(_directory, "source.db");
        var place = Directory.CreateDirectory(Path.Combine(_directory, "place")).FullName;
        await BackupNode.WriteParts(source, place, Parts, eventsOfPart: 200);
        var target = Path.Combine(_directory, "restored.db");

        await KilledStep.Run(
            target,
            $"STEP {step}",
            (BackupNode.RestoreVariable, place),
            (BackupNode.WaitVariable, waits ? $"{step}" : ""));
        var restored = await Restore(new DirectoryObjectStorage(place), "restored.db");

        Assert.Equal((await ReadLog(source)).Select(RowOf), restored.Select(RowOf));
        Assert.Equal($"part-{Parts}", await FindClaim(target, Parts));
    }

    [Theory]
    [InlineData(1, false)] // The segment is being written.
    [InlineData(2, true)] // The segment is complete, and all parts are there.
    [InlineData(30, true)] // Some parts were removed.
    public async Task A_set_whose_parts_were_being_joined_restores_every_position(int step, bool waits)
    {
        const int Parts = 64; // As many as are joined.
        var file = Path.Combine(_directory, "source.db");
        var place = Directory.CreateDirectory(Path.Combine(_directory, "place")).FullName;
        await BackupNode.WriteParts(file, place, Parts, eventsOfPart: 1);

        await KilledStep.Run(
            file,
            $"STEP {step}",
            (BackupNode.MergeVariable, place),
            (BackupNode.WaitVariable, waits ? $"{step}" : ""));
        for (var position = 1; position <= Parts; position += 7)
            await AssertRestored(place, position);
        await using (var storage = new SqliteStorage(file))
        {
            await storage.Open(default);
            await new StoreBackup(storage, new DirectoryObjectStorage(place)).Run();
        }
        var set = Assert.Single(await StoreRestore.List(new DirectoryObjectStorage(place)));

        Assert.Equal((1, Parts), (set.Objects, set.RestorablePosition));
        await AssertRestored(place, Parts / 2);
    }

    private async Task AssertRestored(string place, int position)
    {
        var file = Path.Combine(_directory, $"restored-{++_restores}.db");
        await using (var storage = new SqliteStorage(file))
            await new StoreRestore(new DirectoryObjectStorage(place), storage).Run(point: RestorePoint.At(position));
        Assert.Equal(position, (await ReadLog(file)).Count);
        Assert.Equal($"part-{position}", await FindClaim(file, position));
        Assert.Null(await FindClaim(file, position + 1));
    }

    private static async Task<string?> FindClaim(string file, int part)
    {
        await using var store = await EventStore.Open(new SqliteStorage(file), EventTypeMap.Empty);
        return await store.FindClaim("parts", $"{part}");
    }

    /// <summary>Waits until the place contains a table copy and several parts.</summary>
    private static async Task WaitForParts(IObjectStorage place)
    {
        var set = await Eventually.Get(
            async () => (await StoreRestore.List(place)).SingleOrDefault(),
            set => set is { RestorablePosition: > 0, Objects: > 2 });
        Assert.NotNull(set);
    }

    private async Task<List<RecordedEvent>> Restore(IObjectStorage place, string name)
    {
        var file = Path.Combine(_directory, name);
        await using (var storage = new SqliteStorage(file))
        {
            await new StoreRestore(place, storage).Run();
            Assert.True((await storage.Maintenance.Verify(null, default)).IsSound);
        }
        return await ReadLog(file);
    }

    private static async Task<List<RecordedEvent>> ReadLog(string file)
    {
        await using var store = await EventStore.Open(new SqliteStorage(file), EventTypeMap.Empty);
        var log = new List<RecordedEvent>();
        await foreach (var recorded in store.ReadLog(EventFilter.All))
            log.Add(recorded);
        return log;
    }

    private static (long Position, Guid Id, string Payload) RowOf(RecordedEvent recorded) =>
        (recorded.Position, recorded.Id, Convert.ToHexString(recorded.Payload.Span));
}
