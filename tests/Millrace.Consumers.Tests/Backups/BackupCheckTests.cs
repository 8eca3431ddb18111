using Millrace.Backups;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests the check of a backup, and the restore of one with damaged objects.</summary>
public sealed class BackupCheckTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_sound_backup_is_restored_and_verified()
    {
        using var original = await BackUp();
        using var scratch = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(new DirectoryObjectStorage(_directory), scratch.Open()).Check();

        Assert.True(report.IsSound, report.Problem);
        Assert.Equal((3, 3L), (report.Restored!.Head.Position, report.Restored.Events));
        Assert.Equal(FilesOf("").Length, report.Objects);
    }

    [Fact]
    public async Task A_damaged_part_is_named_and_the_positions_before_it_are_restored()
    {
        using var original = await BackUp();
        var damaged = FilesOf("log").Order(StringComparer.Ordinal).ElementAt(1);
        Damage(damaged);
        using var scratch = await SharedStore.Create(StoreKind.Sqlite);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        var place = new DirectoryObjectStorage(_directory);

        var report = await new StoreRestore(place, scratch.Open()).Check();
        var refused = await Assert.ThrowsAsync<BackupException>(
            () => new StoreRestore(place, copy.Open()).Run(point: RestorePoint.At(3)));

        Assert.False(report.IsSound);
        Assert.Contains(Path.GetFileName(damaged), Assert.Single(report.Damaged).Name, StringComparison.Ordinal);
        Assert.Equal(1, report.Restored!.Head.Position);
        Assert.Equal((1, report.Damaged[0].Name), (refused.RestorablePosition, refused.DamagedObject));
        Assert.Contains("as of position 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_table_copy_is_replaced_by_an_earlier_one()
    {
        using var original = await BackUp();
        Damage(FilesOf("tables").Order(StringComparer.Ordinal).Last());
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(new DirectoryObjectStorage(_directory), copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.Equal((3, 0L), (report.Head.Position, report.RowsPosition));
        Assert.Single(report.Damaged);
        Assert.Equal("person-2", await restored.FindClaim("names", "2"));
    }

    /// <summary>Backs up a table copy, three parts, and another table copy.</summary>
    private async Task<SharedStore> BackUp()
    {
        var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        var writer = await BackupWriter.Open(
            storage,
            storage.Changes,
            new DirectoryObjectStorage(_directory),
            null,
            new BackupStart(),
            TimeProvider.System,
            default);
        await writer.CopyTables(default);
        for (var i = 1; i <= 3; i++)
        {
            await store.Append(new AppendRequest()
                .To(new StreamId($"person-{i}"), ExpectedVersion.Any, NewEvent.FromBytes("named", "{}"u8.ToArray()))
                .With(Claim.Acquire("names", $"{i}", $"person-{i}")));
            await writer.WritePart(long.MaxValue, default);
        }
        await writer.CopyTables(default);
        return original;
    }

    private string[] FilesOf(string folder) => Directory
        .GetFiles(_directory, "*.mrbk", SearchOption.AllDirectories)
        .Where(file => file.Contains($"/{folder}", StringComparison.Ordinal))
        .ToArray();

    private static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^40] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
