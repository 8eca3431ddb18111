using Millrace.Backups;
using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests what leaves the log of a set when no restore needs it any more.</summary>
public sealed class LogCleanerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;
    private readonly ManualClock _clock = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Removed_events_leave_the_backup_after_the_retention()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage, Place);
        await Append(storage, writer, "a");
        await Append(storage, writer, "a");
        await Append(storage, writer, "b");
        await Truncate(storage, writer, "a", 2);
        await CopyAndWait(writer);
        var before = await CountEvents(writer);

        await Clean(writer);
        await Clean(writer);
        var after = await CountEvents(writer);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await using var restored = copy.Open();
        await new StoreRestore(Place, restored).Run();
        var verified = await restored.Maintenance.Verify(null, default);

        Assert.Equal((3, 2), (before, after));
        Assert.Single(Files("removed"));
        Assert.True(verified.IsSound);
    }

    [Fact]
    public async Task Removed_events_leave_a_segment_that_also_contains_later_events()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage, Place);
        await Append(storage, writer, "a");
        await Append(storage, writer, "a");
        await Truncate(storage, writer, "a", 2);
        await writer.CopyTables(default);
        for (var i = 0; i < BackupMerger.MinParts; i++)
            await Append(storage, writer, "b");
        await writer.Merge(default);
        _clock.Advance(TimeSpan.FromDays(2));
        await Clean(writer);
        var straddling = await CountEvents(writer);
        await CopyAndWait(writer);

        await Clean(writer);

        Assert.Single(writer.Contents.Log, part => !part.IsPart);
        Assert.Equal((BackupMerger.MinParts + 2, BackupMerger.MinParts + 1), (straddling, await CountEvents(writer)));
    }

    [Fact]
    public async Task Changes_before_all_table_copies_leave_the_backup()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage, Place);
        await writer.CopyTables(default);
        await Append(storage, writer, "a", Claim.Acquire("names", "ada", "a"));
        await CopyAndWait(writer);
        await Append(storage, writer, "b", Claim.Acquire("names", "eve", "b"));

        await Clean(writer);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await new StoreRestore(Place, copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.Equal([0L, 1L], await CountChanges(writer));
        Assert.Equal("a", await restored.FindClaim("names", "ada"));
        Assert.Equal("b", await restored.FindClaim("names", "eve"));
    }

    [Fact]
    public async Task A_damaged_object_is_reported_and_later_ones_are_cleaned()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage, Place);
        await Append(storage, writer, "b");
        await Append(storage, writer, "a");
        await Append(storage, writer, "a");
        await Truncate(storage, writer, "a", 2);
        await CopyAndWait(writer);
        var damaged = Path.Combine(_directory, writer.Contents.Log[0].Name);
        var bytes = await File.ReadAllBytesAsync(damaged);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes);

        await Clean(writer);

        Assert.Contains(Path.GetFileName(damaged), writer.Cleaner.Problem, StringComparison.Ordinal);
        Assert.Equal(0, (await writer.Place.Get(writer.Contents.Log[1].Name, default)).Info.Count);
        Assert.Single(Files("removed"));
    }

    [Fact]
    public async Task An_interrupted_pass_continues_in_the_next_process()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var read = new List<string>();
        var place = new HookedObjectStorage(Place)
        {
            Getting = name =>
            {
                read.Add(name);
                return Task.CompletedTask;
            },
        };
        var writer = await Writer(storage, place);
        for (var i = 0; i < 70; i++)
            await Append(storage, writer, $"a-{Math.Max(1, i)}");
        await Truncate(storage, writer, "a-1", 2);
        await CopyAndWait(writer);
        await writer.RemoveOld(_clock.GetUtcNow().AddDays(-1), StoreBackup.EndOfDay, default);
        for (var i = 0; i < 65; i++)
            await writer.Cleaner.Clean(writer.Cleaner.FindNext(writer.Contents)!, default);

        var next = await Writer(storage, place);
        read.Clear();
        await Clean(next);

        Assert.InRange(read.Count(name => name.Contains("/log/", StringComparison.Ordinal)), 1, 10);
        Assert.Null(next.Cleaner.FindNext(next.Contents));
    }

    private DirectoryObjectStorage Place => new(_directory);

    private string[] Files(string part) => [.. Directory
        .GetFiles(_directory, "*.mrbk", SearchOption.AllDirectories)
        .Where(file => file.Contains($"/{part}", StringComparison.Ordinal))];

    private static async Task<IStorage> Open(SharedStore store)
    {
        var storage = store.Open();
        await storage.Open(default);
        return storage;
    }

    private Task<BackupWriter> Writer(IStorage storage, IObjectStorage place)
    {
        var backedUp = (IBackupStorage)storage;
        return BackupWriter.Open(backedUp, backedUp.Changes, place, null, new BackupStart(), _clock, default);
    }

    private async Task CopyAndWait(BackupWriter writer)
    {
        _clock.Advance(TimeSpan.FromHours(1));
        await writer.CopyTables(default);
        _clock.Advance(TimeSpan.FromDays(2));
    }

    /// <summary>Removes what is not needed for positions of the last day.</summary>
    private async Task Clean(BackupWriter writer)
    {
        await writer.RemoveOld(_clock.GetUtcNow().AddDays(-1), StoreBackup.EndOfDay, default);
        while (writer.Cleaner.FindNext(writer.Contents) is { } part)
            await writer.Cleaner.Clean(part, default);
        await writer.Cleaner.End(writer.Contents, default);
    }

    private static async Task<int> CountEvents(BackupWriter writer)
    {
        var count = 0;
        foreach (var part in writer.Contents.Log)
            count += LogContent.ReadEvents((await writer.Place.Get(part.Name, default)).Content).Count();
        return count;
    }

    private static async Task<List<long>> CountChanges(BackupWriter writer)
    {
        var counts = new List<long>();
        foreach (var part in writer.Contents.Log)
        {
            var (info, content) = await writer.Place.Get(part.Name, default);
            Assert.Equal(info.Changes, LogContent.ReadChanges(content).Count());
            counts.Add(info.Changes);
        }
        return counts;
    }

    private static Task Append(IStorage storage, BackupWriter writer, string stream, Claim? claim = null)
    {
        var recorded = new EncodedEvent { Id = Guid.NewGuid(), Type = "done", Payload = "{}"u8.ToArray() };
        var append = new StreamAppend(new StreamId(stream), ExpectedVersion.Any, [recorded]);
        return Commit(
            storage, writer, new CommitRequest { Appends = [append], Claims = claim is null ? [] : [claim] });
    }

    private static Task Truncate(IStorage storage, BackupWriter writer, string stream, long version) => Commit(
        storage,
        writer,
        new CommitRequest
        {
            Removals =
            [
                new StreamRemoval(
                    new StreamId(stream), RemovalKind.Truncate, version, ExpectedVersion.Any, "why", "somebody"),
            ],
        });

    private static async Task Commit(IStorage storage, BackupWriter writer, CommitRequest request)
    {
        var outcome = (await storage.Log.Commit([request], Start, default))[0];
        Assert.Equal(CommitResult.Committed, outcome.Result);
        await writer.WritePart(long.MaxValue, default);
    }
}
