using Millrace.Backups;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Tests.Backups;

/// <summary>Tests which set a backup continues, and which one a restore chooses.</summary>
public sealed class BackupSetTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_set_without_a_table_copy_after_its_gap_is_not_the_default()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);
        await new StoreBackup(original.Open(), Place).Run(isFull: true);
        await Append(store, writer);
        var next = await Open(store); // It continues the full backup, and its table copy is still running.
        await Append(store, next);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var sets = await StoreRestore.List(Place);
        var report = await new StoreRestore(Place, copy.Open()).Run();

        Assert.Equal([(2L, 2L), (3L, 1L)], sets.Select(set => (set.LastPosition, set.RestorablePosition!.Value)));
        Assert.Equal((1, 2), (report.Set.Generation, report.Head.Position));
    }

    [Fact]
    public async Task The_continued_set_is_the_default_if_a_full_backup_reaches_the_same_position()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);
        await new StoreBackup(original.Open(), Place).Run(isFull: true);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place, copy.Open()).Run();

        Assert.Equal(1, report.Set.Generation);
    }

    [Theory]
    [InlineData(null, "a long passphrase")]
    [InlineData("a long passphrase", null)]
    [InlineData("a long passphrase", "another passphrase")]
    public async Task A_backup_by_command_needs_the_passphrase_of_the_continuous_backup(string? used, string? other)
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store, used);
        await writer.CopyTables(default);
        await Append(store, writer);

        var refused = await Assert.ThrowsAsync<BackupException>(
            () => new StoreBackup(original.Open(), Place, other).Run());
        await Assert.ThrowsAsync<BackupException>(
            () => new StoreBackup(original.Open(), Place, other).Run(isFull: true));
        await new StoreBackup(original.Open(), Place, used).Run();

        Assert.Contains("passphrase of UseBackup", refused.Message, StringComparison.Ordinal);
        Assert.Single(await StoreRestore.List(Place));
    }

    [Fact]
    public async Task Old_backups_are_removed_by_the_continuous_backup_if_there_is_one()
    {
        var options = new StoreBackupOptions { Retention = TimeSpan.FromDays(30) };
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);

        var refused = await Assert.ThrowsAsync<BackupException>(
            () => new StoreBackup(original.Open(), Place).Run(options));
        await Assert.ThrowsAsync<ArgumentException>(
            () => new StoreBackup(original.Open(), Place).Run(options with { Retention = TimeSpan.FromMinutes(5) }));
        await new StoreBackup(original.Open(), Place).Run();

        Assert.Contains("Retention of UseBackup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_that_another_node_joins_meanwhile_does_not_begin_a_new_set()
    {
        const string Passphrase = "a long passphrase";
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store, Passphrase);
        await writer.CopyTables(default);
        for (var i = 0; i < BackupMerger.MinParts; i++)
            await Append(store, writer);
        var place = new HookedObjectStorage(Place)
        {
            Getting = async _ =>
            {
                if (writer.HasManyParts)
                    await writer.Merge(default);
            },
        };

        var next = await Open(store, Passphrase, place);

        Assert.Equal((1, BackupMerger.MinParts), (next.Contents.Id.Generation, next.Position));
    }

    [Fact]
    public async Task The_copies_at_the_times_of_a_schedule_are_kept()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var clock = new ManualClock();
        var writer = await Open(store, clock: clock);
        await writer.CopyTables(default);
        for (var i = 0; i < 10; i++)
        {
            clock.Advance(TimeSpan.FromHours(6));
            await Append(store, writer);
            await writer.CopyTables(default);
        }
        var options = new BackupOptions { TableCopySchedule = "0 */6 * * *" };

        await writer.RemoveOld(clock.GetUtcNow().AddDays(-30), options.EndOfCopyInterval, default);

        Assert.Equal(11, writer.Contents.Copies.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retention_by_command_does_not_apply_to_a_continuous_backup(bool isFull)
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);

        await Assert.ThrowsAsync<BackupException>(() => new StoreBackup(store.Stored.Primary, Place).Run(
            new StoreBackupOptions { IsFull = isFull, Retention = TimeSpan.FromHours(1) }));
        var set = Assert.Single(await StoreRestore.List(Place));

        Assert.Equal((1, 1), (set.Id.Generation, set.Copies.Count));
    }

    [Fact]
    public async Task A_retention_by_command_keeps_old_backups_in_a_place_that_refuses_deletion()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var place = new HookedObjectStorage(Place)
        {
            Deleting = _ => throw new ObjectStorageException("no right to delete", ObjectStorageProblem.Denied),
        };
        foreach (var days in (int[])[-90, -60])
        {
            var time = new ManualTimeProvider(DateTimeOffset.UtcNow.AddDays(days));
            await new StoreBackup(store.Stored.Primary, place, time: time).Run();
        }

        var report = await new StoreBackup(store.Stored.Primary, place)
            .Run(new StoreBackupOptions { Retention = TimeSpan.FromDays(30) });
        var set = Assert.Single(await StoreRestore.List(Place));

        Assert.True(report.KeepsOld);
        Assert.Equal(3, set.Copies.Count);
    }

    [Fact]
    public async Task Table_copies_after_each_erasure_are_thinned_out()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var clock = new ManualClock();
        clock.Advance(clock.GetUtcNow().Date.AddDays(1) - clock.GetUtcNow().DateTime);
        var writer = await Open(store, clock: clock);
        await writer.CopyTables(default);
        for (var hour = 0; hour < 30; hour++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await Append(store, writer);
            await writer.CopyTables(default);
        }

        await writer.RemoveOld(clock.GetUtcNow().AddDays(-30), StoreBackup.EndOfDay, default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await new StoreRestore(Place, copy.Open()).Run(point: RestorePoint.At(20));
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        // The first one, the last one of the first day, and those of today.
        Assert.Equal([0L, 23, 24, 25, 26, 27, 28, 29, 30], writer.Contents.Copies.Select(one => one.Position));
        Assert.Equal("person-20", await restored.FindClaim("names", "20"));
    }

    private DirectoryObjectStorage Place => new(_directory);

    private static async Task Append(EventStore store, BackupWriter writer)
    {
        var number = (await store.GetInfo()).Head.Position + 1;
        await store.Append(new AppendRequest()
            .To(new StreamId($"person-{number}"), ExpectedVersion.Any, NewEvent.FromBytes("named", "{}"u8.ToArray()))
            .With(Claim.Acquire("names", $"{number}", $"person-{number}")));
        await writer.WritePart(long.MaxValue, default);
    }

    private Task<BackupWriter> Open(
        EventStore store, string? passphrase = null, IObjectStorage? place = null, TimeProvider? clock = null)
    {
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        return BackupWriter.Open(
            storage,
            storage.Changes,
            place ?? Place,
            passphrase,
            new BackupStart(),
            clock ?? TimeProvider.System,
            default);
    }
}
