using Millrace.Backups;
using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests which position is restored by default after changes are missing.</summary>
public sealed class GapRestoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [DatabaseKinds]
    public async Task The_last_position_before_the_gap_is_restored_with_all_its_changes(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var changes = ((IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage)).Changes;
        var writer = await Open(store);
        await writer.CopyTables(default);
        for (var i = 1; i <= 3; i++)
            await Append(store, writer, $"{i}");
        var withoutEvent = new CommitRequest { Claims = [Claim.Acquire("names", "later", "person-later")] };
        await store.Stored.Storage.Log.Commit([withoutEvent], TimeProvider.System.GetUtcNow(), default);
        await writer.WritePart(long.MaxValue, default);
        await changes.Stop(default); // Later changes are missing.
        await Append(store, await Open(store), "4");
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var set = Assert.Single(await StoreRestore.List(Place));
        var refused = await Assert.ThrowsAsync<BackupException>(
            () => new StoreRestore(Place, copy.Open()).Run(point: RestorePoint.At(4)));
        var report = await new StoreRestore(Place, copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.EndsWith("that can be restored: 3.", refused.Message, StringComparison.Ordinal);
        Assert.Equal((4, 3L), (set.LastPosition, set.RestorablePosition));
        Assert.Equal(3, report.Head.Position);
        Assert.Equal("person-3", await restored.FindClaim("names", "3"));
        Assert.Equal("person-later", await restored.FindClaim("names", "later"));
    }

    [Fact]
    public void A_table_copy_after_the_gap_does_not_restore_positions_before_it()
    {
        TableCopyName[] copies = [Copy(number: 1, position: 0), Copy(number: 4, position: 9)];
        LogObjectName[] log = [Part(1, 1, 2), Part(2, 3, 4), Part(4, 5, 6, followsGap: true), Part(6, 8, 9)];

        var positions = new RestorablePositions(log, copies);

        Assert.Equal((7, 7), positions.FirstMissing!.Value);
        Assert.Equal([4, 2, 0], positions.List());
    }

    [Fact]
    public void Each_position_between_a_table_copy_and_the_next_gap_is_restored()
    {
        TableCopyName[] copies = [Copy(number: 1, position: 0), Copy(number: 3, position: 5)];
        LogObjectName[] log = [Part(1, 1, 2), Part(3, 3, 4, followsGap: true), Part(4, 5, 6), Part(5, 7, 8, true)];

        var positions = new RestorablePositions(log, copies);

        Assert.Equal([6, 5, 2, 0], positions.List());
    }

    [Fact]
    public async Task A_set_of_a_new_epoch_without_a_table_copy_is_not_the_default()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer, "1");
        await store.Stored.Primary.Maintenance.StartEpoch(default);
        await Append(store, await Open(store), "2");
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place, copy.Open()).Run();

        Assert.Equal((1, 1), (report.Set.Epoch, report.Head.Position));
    }

    private DirectoryObjectStorage Place => new(_directory);

    private static TableCopyName Copy(long number, long position) => new(number, position, number, $"copy-{number}");

    private static LogObjectName Part(long number, long first, long last, bool followsGap = false) =>
        new(number, number, first, last, 0, HasRemovals: false, followsGap, $"part-{number}", 1)
        {
            HasAllChanges = true,
        };

    private static async Task Append(EventStore store, BackupWriter writer, string name)
    {
        await store.Append(new AppendRequest()
            .To(new StreamId($"person-{name}"), ExpectedVersion.Any, NewEvent.FromBytes("named", "{}"u8.ToArray()))
            .With(Claim.Acquire("names", name, $"person-{name}")));
        await writer.WritePart(long.MaxValue, default);
    }

    private Task<BackupWriter> Open(EventStore store)
    {
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        return BackupWriter.Open(
            storage, storage.Changes, Place, null, new BackupStart(), TimeProvider.System, default);
    }
}
