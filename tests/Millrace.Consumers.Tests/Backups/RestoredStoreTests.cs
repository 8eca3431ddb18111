using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Backups;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Tests.Backups;

/// <summary>Tests that a restored store replaces the original one in its place only on request.</summary>
public sealed class RestoredStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [DatabaseKinds]
    public async Task A_restored_store_with_the_same_place_is_refused_and_the_original_is_backed_up(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        using var copy = await SharedStore.Create(kind);
        using var host = Build(original.Open());
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var first = await WaitFor(await Append(store));
        await new StoreRestore(Place, copy.Open()).Run();

        using var drill = Build(copy.Open());
        await drill.StartAsync();
        await Append(drill.Services.GetRequiredService<EventStore>());
        var refused = await Refused(drill);
        var later = await WaitFor(await Append(store));
        await drill.StopAsync();
        await host.StopAsync();

        Assert.Equal(BackupProblem.RestoredStore, refused!.Problem);
        Assert.Contains("--continue-backup", refused.Error, StringComparison.Ordinal);
        Assert.Contains("ContinuedEpoch) to 2", refused.Error, StringComparison.Ordinal);
        Assert.Equal(first!.Id, later!.Id);
        Assert.Single(await StoreRestore.List(Place));
    }

    [Fact]
    public async Task A_restored_store_replaces_the_lost_one_after_one_backup_by_command()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        using (var lost = Build(original.Open()))
        {
            await lost.StartAsync();
            await WaitFor(await Append(lost.Services.GetRequiredService<EventStore>()));
            await lost.StopAsync();
        }
        await new StoreRestore(Place, copy.Open()).Run();
        using var host = Build(copy.Open());
        await host.StartAsync();
        await Refused(host);

        var refused = await Assert.ThrowsAsync<BackupException>(() => new StoreBackup(copy.Open(), Place).Run());
        var report = await new StoreBackup(copy.Open(), Place)
            .Run(new StoreBackupOptions { ContinuesRestored = true });
        var position = await Append(host.Services.GetRequiredService<EventStore>());
        var set = await WaitFor(position);
        await host.StopAsync();
        var returned = await Assert.ThrowsAsync<BackupException>(
            () => new StoreBackup(original.Open(), Place).Run(new StoreBackupOptions { ContinuesRestored = true }));

        Assert.Equal(BackupProblem.RestoredStore, refused.Problem);
        Assert.Equal((2, report.Set), (set!.Id.Epoch, set.Id));
        Assert.Equal(BackupProblem.ReplacedStore, returned.Problem);
        Assert.Contains($"{set.Id.Store:N}/000002-000001/", returned.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_epoch_of_the_configuration_does_not_admit_a_store_that_is_restored_later()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        using var test = await SharedStore.Create(StoreKind.Sqlite);
        await using (var storage = original.Open())
            await storage.Open(default);
        await new StoreBackup(original.Open(), Place).Run();
        await new StoreRestore(Place, copy.Open()).Run();

        using (var host = Build(copy.Open(), continuedEpoch: 2))
        {
            await host.StartAsync();
            await WaitFor(await Append(host.Services.GetRequiredService<EventStore>()));
            await host.StopAsync();
        }
        await new StoreRestore(Place, test.Open()).Run();
        using var drill = Build(test.Open(), continuedEpoch: 2);
        await drill.StartAsync();
        var refused = await Refused(drill);
        await drill.StopAsync();

        Assert.Equal(BackupProblem.RestoredStore, refused!.Problem);
        Assert.Equal([1, 2], (await StoreRestore.List(Place)).Select(set => set.Id.Epoch));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_promoted_store_continues_even_if_its_last_note_was_lost(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var changes = ((IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage)).Changes;
        var writer = await Open(store);
        await writer.CopyTables(default);
        var label = "";
        for (var i = 0; i < BackupMerger.MinParts; i++)
        {
            await Append(store);
            await writer.WritePart(long.MaxValue, default);
            if (i == BackupMerger.MinParts / 2)
                label = writer.Contents.Log[^1].Label;
        }
        await writer.Merge(default);
        await changes.Remove([], label, default);

        await store.Stored.Primary.Maintenance.StartEpoch(default);
        var next = await Open(store);

        Assert.Equal((2, 1), (next.Contents.Id.Epoch, next.Contents.Id.Generation));
    }

    [Fact]
    public async Task A_second_restored_store_does_not_continue_an_interrupted_first_backup_of_the_other()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        using var test = await SharedStore.Create(StoreKind.Sqlite);
        await using (var store = await EventStore.Open(original.Open(), EventTypeMap.Empty))
            await Append(store);
        await new StoreBackup(original.Open(), Place).Run();
        await new StoreRestore(Place, copy.Open()).Run();
        await new StoreRestore(Place, test.Open()).Run();
        var continues = new StoreBackupOptions { ContinuesRestored = true };
        var interrupted = new HookedObjectStorage(Place)
        {
            Putting = (name, _) => name.Contains("/log/", StringComparison.Ordinal)
                ? throw new ObjectStorageException("no space", ObjectStorageProblem.Unavailable)
                : Task.CompletedTask,
        };
        await Assert.ThrowsAsync<ObjectStorageException>(
            () => new StoreBackup(copy.Open(), interrupted).Run(continues));

        var refused = await Assert.ThrowsAsync<BackupException>(() => new StoreBackup(test.Open(), Place).Run());
        var report = await new StoreBackup(copy.Open(), Place).Run(continues);

        Assert.Equal(BackupProblem.RestoredStore, refused.Problem);
        Assert.Equal((2, 1, 1), (report.Set.Epoch, report.Set.Generation, report.Position));
    }

    [Fact]
    public async Task A_promoted_store_continues_after_a_full_backup_by_command()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store);
        await writer.WritePart(long.MaxValue, default);
        await new StoreBackup(store.Stored.Primary, Place).Run(isFull: true);

        await store.Stored.Primary.Maintenance.StartEpoch(default);
        var next = await Open(store);

        Assert.Equal((2, 1), (next.Contents.Id.Epoch, next.Contents.Id.Generation));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_copied_store_is_marked_so_that_it_is_refused(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        await Append(store);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await writer.WritePart(long.MaxValue, default);

        await StoreBackup.MarkRestored(store.Stored.Primary);
        await store.Stored.Primary.Maintenance.StartEpoch(default);
        var refused = await Assert.ThrowsAsync<BackupException>(() => Open(store));

        Assert.Equal(BackupProblem.RestoredStore, refused.Problem);
    }

    private DirectoryObjectStorage Place => new(_directory);

    private IHost Build(IStorage storage, long? continuedEpoch = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage)
            .UseBackup(Place, options =>
            {
                options.Interval = TimeSpan.FromMilliseconds(100);
                options.ContinuedEpoch = continuedEpoch;
            }));
        return builder.Build();
    }

    private static Task<BackupStatus?> Refused(IHost host)
    {
        var backups = host.Services.GetRequiredService<ContinuousBackup>();
        return Eventually.Get(
            () => Task.FromResult(backups.List().SingleOrDefault()),
            status => status is { Problem: not BackupProblem.Other });
    }

    private Task<BackupSet?> WaitFor(long position) => Eventually.Get(
        async () => await StoreRestore.List(Place) is [.., var last] ? last : null,
        set => set?.RestorablePosition >= position);

    private static async Task<long> Append(EventStore store) => (await store.Append(
        new StreamId("person-ada"), ExpectedVersion.Any, [NewEvent.FromBytes("named", "{}"u8.ToArray())])).Position;

    private Task<BackupWriter> Open(EventStore store)
    {
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        return BackupWriter.Open(
            storage, storage.Changes, Place, null, new BackupStart(), TimeProvider.System, default);
    }
}
