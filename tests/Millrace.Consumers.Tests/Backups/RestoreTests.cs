using System.Text;
using Millrace.Backups;
using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Tests.Backups;

/// <summary>Tests what a restore takes from a place that changes, or that others can write to.</summary>
public sealed class RestoreTests : IDisposable
{
    private const string Passphrase = "a long passphrase";

    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Parts_that_are_joined_during_a_restore_are_read_from_their_segment()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        for (var i = 0; i < BackupMerger.MinParts; i++)
        {
            await Append(storage, $"s-{i}");
            await writer.WritePart(long.MaxValue, default);
        }
        var hasMerged = false;
        var place = new HookedObjectStorage(Place)
        {
            Getting = async name =>
            {
                if (!hasMerged && name.Contains("/tables/"))
                {
                    hasMerged = true;
                    await writer.Merge(default);
                }
            },
        };
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(place, copy.Open()).Run();

        Assert.Single(writer.Contents.Log);
        Assert.Equal(BackupMerger.MinParts, report.Head.Position);
        Assert.Equal(BackupMerger.MinParts, report.Events);
    }

    [Fact]
    public async Task An_interrupted_restore_continues_with_its_table_copy_in_the_new_epoch()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await Append(storage, "a", Claim.Acquire("names", "ada", "a"));
        await writer.CopyTables(default);
        await writer.WritePart(long.MaxValue, default);
        var read = new HashSet<string>(StringComparer.Ordinal);
        var place = new HookedObjectStorage(Place)
        {
            // The rows are read twice: to check them, and to write them.
            Getting = name => name.Contains("/rows-") && !read.Add(name)
                ? throw new ObjectStorageException("killed", ObjectStorageProblem.Unavailable)
                : Task.CompletedTask,
        };
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await using var target = copy.Open();
        await Assert.ThrowsAsync<ObjectStorageException>(() => new StoreRestore(place, target).Run());
        var state = await ((IMovableStorage)target).Moves.GetState(default);
        await Append(storage, "b");
        await writer.WritePart(long.MaxValue, default);
        await writer.CopyTables(default);

        var report = await new StoreRestore(Place, target).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.Equal((MoveRole.Target, 2), (state.Role, state.Header!.Epoch));
        Assert.Equal((1, 1), (report.Head.Position, report.RowsPosition));
        Assert.Equal("a", await restored.FindClaim("names", "ada"));
    }

    [Fact]
    public async Task An_interrupted_restore_continues_after_the_last_transaction_of_the_log()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        foreach (var stream in (string[])["a", "b", "c"])
        {
            await Append(storage, stream);
            await writer.WritePart(long.MaxValue, default);
        }
        var last = Files("log").Order(StringComparer.Ordinal).Last();
        var place = new HookedObjectStorage(Place)
        {
            Getting = name => name.EndsWith(Path.GetFileName(last), StringComparison.Ordinal)
                ? throw new ObjectStorageException("killed", ObjectStorageProblem.Unavailable)
                : Task.CompletedTask,
        };
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await using var target = copy.Open();
        await Assert.ThrowsAsync<ObjectStorageException>(
            () => new StoreRestore(place, target) { TransactionEvents = 1 }.Run());
        var state = await ((IMovableStorage)target).Moves.GetState(default);

        var report = await new StoreRestore(Place, target).Run();

        Assert.InRange(state.Header!.LastPosition, 1, 2);
        Assert.Equal(3, report.Head.Position);
        Assert.Equal(3 - state.Header.LastPosition, report.Events);
    }

    [Fact]
    public async Task An_object_that_was_replaced_by_one_without_encryption_is_refused()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        await Append(storage, "a");
        var backup = await new StoreBackup(original.Open(), Place, Passphrase).Run();
        var part = Files("log").Single();
        var (info, content) = await new BackupPlace(Place, Passphrase, backup.Set.Store)
            .Get(Path.GetRelativePath(_directory, part), default);
        await File.WriteAllBytesAsync(part, BackupObject.Build(info, [content], null).Bytes);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var refused = await Assert.ThrowsAsync<BackupException>(
            () => new StoreRestore(Place, copy.Open(), Passphrase).Run());

        Assert.Contains("is not encrypted", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_under_the_name_of_another_is_refused()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        await Append(storage, "a", Claim.Acquire("names", "ada", "a"));
        await new StoreBackup(original.Open(), Place, Passphrase).Run();
        var earlier = Files("rows-").Single();
        await Append(storage, "b");
        await new StoreBackup(original.Open(), Place, Passphrase).Run();
        File.Copy(earlier, Files("rows-").Single(file => file != earlier), overwrite: true);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place, copy.Open(), Passphrase).Run();

        Assert.Contains("it was written as", Assert.Single(report.Damaged).Problem, StringComparison.Ordinal);
        Assert.Equal(1, report.Head.Position);
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_stream_that_is_opened_again_is_deleted_as_of_the_position_before(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        await Append(storage, "a");
        var removal = new StreamRemoval(
            new StreamId("a"), RemovalKind.Delete, 1, ExpectedVersion.Any, "why", "somebody");
        await storage.Log.Commit([new CommitRequest { Removals = [removal] }], Start, default);
        await Append(storage, "b");
        await Append(storage, "a");
        await writer.WritePart(long.MaxValue, default);
        using var copy = await SharedStore.Create(kind);
        await using var restored = copy.Open();

        await new StoreRestore(Place, restored).Run(point: RestorePoint.At(2));

        await using var session = await ((IMovableStorage)restored).Moves.OpenSession(MoveSessionKind.Read, default);
        var bounds = Assert.Single(await session.ReadRows(MovedTables.StreamBounds, null, 10, default));
        Assert.Equal((long)StreamState.Deleted, bounds[2]);
    }

    [Fact]
    public async Task A_time_within_a_millisecond_excludes_later_events_of_it()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        foreach (var microseconds in (int[])[100_400, 100_900])
        {
            await Append(storage, "a", at: Start.AddMicroseconds(microseconds));
            await writer.WritePart(long.MaxValue, default);
        }
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place, copy.Open())
            .Run(point: RestorePoint.At(Start.AddMicroseconds(100_500)));

        Assert.Equal(1, report.Head.Position);
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_handled_id_whose_answer_was_replaced_later_has_its_former_answer(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        var first = new HandledMark("commands", "1", "first"u8.ToArray(), Start.AddYears(50));
        await storage.Log.Commit(
            [new CommitRequest { Appends = [To("a")], Handled = [first] }], Start, default);
        await Append(storage, "b");
        var second = first with { Answer = "second"u8.ToArray(), Replaces = first.Answer };
        await storage.Log.Commit(
            [new CommitRequest { Appends = [To("c")], Handled = [second] }], Start, default);
        await writer.WritePart(long.MaxValue, default);
        using var copy = await SharedStore.Create(kind);
        await using var restored = copy.Open();

        await new StoreRestore(Place, restored).Run(point: RestorePoint.At(2));

        await using var session = await ((IMovableStorage)restored).Moves.OpenSession(MoveSessionKind.Read, default);
        var handled = Assert.Single(await session.ReadRows(MovedTables.Handled, null, 10, default));
        Assert.Equal(("first", 1L), (Encoding.UTF8.GetString((byte[])handled[2]!), (long)handled[3]!));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_document_that_is_removed_while_a_part_is_written_is_restored_as_of_its_position(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = await Open(original);
        var timers = new CollectionDefinition("timers", [new("due", FieldKind.Integer), new("name", FieldKind.Text)]);
        await storage.Documents.EnsureCollection(timers, default);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        var set = new DocumentChange
        {
            Collection = timers.Name,
            Key = "a",
            Body = "{}"u8.ToArray(),
            Fields = [7L, "\"ä"],
        };
        await storage.Log.Commit([new CommitRequest { Appends = [To("a")], Documents = [set] }], Start, default);
        var fired = new DocumentChange { Collection = timers.Name, Key = "a", Body = null };
        await storage.Log.Commit([new CommitRequest { Appends = [To("a")], Documents = [fired] }], Start, default);

        await writer.WritePart(1, default); // Its changes are read after the second event.
        using var copy = await SharedStore.Create(kind);
        await using var restored = copy.Open();
        var report = await new StoreRestore(Place, restored).Run();

        Assert.Equal(1, report.Head.Position);
        var table = MovedTables.OfDocuments(timers);
        await using var session = await ((IMovableStorage)restored).Moves.OpenSession(MoveSessionKind.Read, default);
        var document = Assert.Single(await session.ReadRows(table, null, 10, default));
        Assert.Equal(["a", 7L, "\"ä"], [document[0], document[4], document[5]]);
    }

    [Fact]
    public async Task The_latest_position_is_not_inside_a_transaction_that_is_larger_than_a_part()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        await Append(storage, "a");
        await writer.WritePart(long.MaxValue, default);
        var payload = Encoding.UTF8.GetBytes($"\"{new string('a', 1_000_000)}\"");
        var large = Enumerable.Range(0, 36).Select(_ => To("b") with
        {
            Events = [new EncodedEvent { Id = Guid.NewGuid(), Type = "large", Payload = payload }],
        });
        await storage.Log.Commit([new CommitRequest { Appends = [.. large] }], Start.AddSeconds(1), default);
        var hasMore = await writer.WritePart(long.MaxValue, default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place, copy.Open()).Run();

        Assert.True(hasMore);
        Assert.InRange(writer.Position, 2, 36);
        Assert.Equal(1, report.Head.Position);
    }

    [Fact]
    public async Task Changes_of_a_late_part_of_another_node_do_not_undo_later_ones()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        var first = new HandledMark("commands", "1", "first"u8.ToArray(), Start.AddYears(50));
        await storage.Log.Commit([new CommitRequest { Appends = [To("a")], Handled = [first] }], Start, default);
        await writer.WritePart(long.MaxValue, default);
        var (info, late) = await writer.Place.Get(writer.Contents.Log[0].Name, default);
        var second = first with { Answer = "second"u8.ToArray(), Replaces = first.Answer };
        await storage.Log.Commit([new CommitRequest { Appends = [To("a")], Handled = [second] }], Start, default);
        await writer.WritePart(long.MaxValue, default);
        // Another node writes its part with the first change when the second one is in the place.
        var name = writer.Contents.Log[1] with { First = 3 };
        await writer.Place.Put(name.Create(writer.Contents.Id.Folder, "ffffffff"), info, [late], default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await using var restored = copy.Open();

        await new StoreRestore(Place, restored).Run();

        await using var session = await ((IMovableStorage)restored).Moves.OpenSession(MoveSessionKind.Read, default);
        var handled = Assert.Single(await session.ReadRows(MovedTables.Handled, null, 10, default));
        Assert.Equal(("second", 2L), (Encoding.UTF8.GetString((byte[])handled[2]!), (long)handled[3]!));
    }

    [Fact]
    public async Task The_report_names_erasures_after_the_table_copy()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        var writer = await Writer(storage);
        await writer.CopyTables(default);
        await Append(storage, "$erasure-1", type: "erasures.confirmed");
        await writer.WritePart(long.MaxValue, default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place, copy.Open()).Run();

        Assert.Equal(["$erasure-1"], report.RemovalsAfterRows);
    }

    [Fact]
    public async Task A_content_that_is_not_as_written_names_its_object()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = await Open(original);
        await Append(storage, "a");
        var backup = await new StoreBackup(original.Open(), Place).Run();
        var name = Path.GetRelativePath(_directory, Files("log").Single());
        var place = new BackupPlace(Place, null, backup.Set.Store);
        var (info, content) = await place.Get(name, default);
        await place.Put(name, info, [content[..^3]], default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var refused = await Assert.ThrowsAsync<BackupException>(() => new StoreRestore(Place, copy.Open()).Run());

        Assert.Equal(name, refused.DamagedObject);
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

    private Task<BackupWriter> Writer(IStorage storage)
    {
        var backedUp = (IBackupStorage)storage;
        return BackupWriter.Open(
            backedUp, backedUp.Changes, Place, null, new BackupStart(), TimeProvider.System, default);
    }

    private static async Task Append(
        IStorage storage, string stream, Claim? claim = null, DateTimeOffset? at = null, string type = "done")
    {
        var request = new CommitRequest { Appends = [To(stream, type)], Claims = claim is null ? [] : [claim] };
        var outcome = (await storage.Log.Commit([request], at ?? Start, default))[0];
        Assert.Equal(CommitResult.Committed, outcome.Result);
    }

    private static StreamAppend To(string stream, string type = "done")
    {
        var recorded = new EncodedEvent { Id = Guid.NewGuid(), Type = type, Payload = "{}"u8.ToArray() };
        return new StreamAppend(new StreamId(stream), ExpectedVersion.Any, [recorded]);
    }
}
