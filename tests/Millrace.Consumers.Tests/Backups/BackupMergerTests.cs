using Millrace.Backups;
using Millrace.Backups.Format;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests how parts of the log are joined to segments.</summary>
public sealed class BackupMergerTests : IDisposable
{
    private static IReadOnlyList<ReadOnlyMemory<byte>> Empty => LogContent.Of(new ContentWriter(), changes: default);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Large_parts_with_the_same_number_are_joined_with_the_next_number()
    {
        var (place, contents) = Create();
        var large = new ContentWriter();
        large.Bytes(new byte[25 * 1024 * 1024]);
        var content = LogContent.Of(large, changes: default);
        // Two nodes wrote number 1.
        for (var i = 0; i <= BackupMerger.MinParts; i++)
            await Add(place, contents, Math.Max(1, i), i < 2 ? content : Empty);
        contents.Order();

        var merged = await new BackupMerger(place, contents).Run(default);
        var joined = 0;
        foreach (var segment in merged.Log)
            joined += (await place.Get(segment.Name, default)).Info.Objects?.Count ?? 1;

        Assert.Equal(BackupMerger.MinParts + 1, joined);
        Assert.False(merged.Log[0].IsPart);
    }

    [Fact]
    public async Task Parts_with_only_one_number_are_not_joined()
    {
        var (place, contents) = Create();
        for (var i = 0; i <= BackupMerger.MinParts; i++)
            await Add(place, contents, 1, Empty);
        contents.Order();

        var merger = new BackupMerger(place, contents);

        Assert.False(merger.HasRun);
    }

    private (BackupPlace Place, BackupContents Contents) Create()
    {
        var store = Guid.NewGuid();
        return (
            new BackupPlace(new DirectoryObjectStorage(_directory), null, store),
            new BackupContents(new BackupSetId(store, 1, 1)));
    }

    private static async Task Add(
        BackupPlace place, BackupContents contents, long number, IReadOnlyList<ReadOnlyMemory<byte>> content)
    {
        var name = new LogObjectName(number, number, number, number, 0, false, false, "", 0)
            .Create(contents.Id.Folder);
        var info = new BackupInfo { Kind = "log", Store = place.Store, Epoch = 1 };
        contents.Add(new StoredObject(name, await place.Put(name, info, content, default)));
    }
}
