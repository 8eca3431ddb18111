using Millrace.Backups;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests which changes a place lacks after a crash, and after other backups.</summary>
public sealed class BackupWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public static TheoryData<StoreKind> Kinds => SharedStore.DatabaseKinds;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Changes_that_were_not_recorded_are_a_gap_until_a_part_says_so(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var first = await Open(store);
        await Append(store, first);
        await ((IBackupStorage)store.Stored.Storage).Changes.Stop(default);

        var started = await Open(store); // The process is killed before it writes a part.
        var next = await Open(store);
        var gaps = (first.FollowsGap, started.FollowsGap, next.FollowsGap);
        await Append(store, next);
        var last = await Open(store);

        Assert.Equal((false, true, true), gaps);
        Assert.Equal((false, true), (last.FollowsGap, last.NeedsCopy));
    }

    [Fact]
    public async Task Changes_in_another_place_are_missing_in_the_first_one()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        await Append(store, await Open(store, "a"));
        await Append(store, await Open(store, "b"));

        var returned = await Open(store, "a");

        Assert.True(returned.FollowsGap);
    }

    [Fact]
    public async Task A_backup_by_command_leaves_the_changes_to_the_continuous_backup()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);
        await Append(store, null);
        await new StoreBackup(original.Open(), Place("a")).Run();
        await Append(store, writer);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        await new StoreRestore(Place("a"), copy.Open()).Run(point: RestorePoint.At(1));
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.Equal("person-1", await restored.FindClaim("names", "1"));
        Assert.Null(await restored.FindClaim("names", "2"));
    }

    [Fact]
    public async Task Rows_of_an_interrupted_table_copy_are_not_restored_and_removed_later()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var clock = new ManualClock();
        var place = new HookedObjectStorage(Place("a"))
        {
            Putting = (name, _) => name.Contains("/tables/") && !name.Contains("/rows-")
                ? throw new ObjectStorageException("killed", ObjectStorageProblem.Unavailable)
                : Task.CompletedTask,
        };
        var storage = (IBackupStorage)store.Stored.Storage;
        await Append(store, null);
        var writer = await BackupWriter.Open(storage, storage.Changes, place, null, false, clock, default);
        await Assert.ThrowsAsync<ObjectStorageException>(() => writer.CopyTables(default));
        var interrupted = Directory.GetFiles(_directory, "rows-*", SearchOption.AllDirectories);

        clock.Advance(TimeSpan.FromDays(2));
        await writer.WritePart(long.MaxValue, default);
        await writer.RemoveOld(clock.GetUtcNow().AddDays(-30), default);

        Assert.NotEmpty(interrupted);
        Assert.Empty(Directory.GetFiles(_directory, "rows-*", SearchOption.AllDirectories));
        Assert.True(writer.NeedsCopy);
    }

    private static async Task Append(EventStore store, BackupWriter? writer)
    {
        var number = (await store.GetInfo()).Head.Position + 1;
        await store.Append(new AppendRequest()
            .To(new StreamId($"person-{number}"), ExpectedVersion.Any, NewEvent.FromBytes("named", "{}"u8.ToArray()))
            .With(Claim.Acquire("names", $"{number}", $"person-{number}")));
        if (writer is not null)
            await writer.WritePart(long.MaxValue, default);
    }

    private Task<BackupWriter> Open(EventStore store, string folder = "a")
    {
        var storage = (IBackupStorage)store.Stored.Storage;
        return BackupWriter.Open(
            storage, storage.Changes, Place(folder), null, isFull: false, TimeProvider.System, default);
    }

    private DirectoryObjectStorage Place(string folder) =>
        new(Directory.CreateDirectory(Path.Combine(_directory, folder)).FullName);
}
