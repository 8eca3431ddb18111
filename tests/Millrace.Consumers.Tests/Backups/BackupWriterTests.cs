using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using Millrace.Backups;
using Millrace.Backups.Format;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Objects;
using Millrace.Testing;
using Npgsql;

namespace Millrace.Tests.Backups;

/// <summary>Tests which changes a place lacks after a crash, and after other backups.</summary>
public sealed class BackupWriterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [DatabaseKinds]
    public async Task Changes_over_the_limit_are_a_gap_of_an_open_writer(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);
        await Append(store, null);
        // As if the limit was reached by changes that are no longer there.
        await using (var connection = Connect(original, kind))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = kind == StoreKind.Sqlite
                ? "UPDATE backup_changes SET id = id + 1048576 WHERE id = (SELECT max(id) FROM backup_changes)"
                : "ALTER TABLE millrace.backup_changes ALTER COLUMN id RESTART WITH 1048600; "
                    + "INSERT INTO millrace.backup_changes (tbl, a, b, position) VALUES ('claims', 'x', 'y', 0)";
            await command.ExecuteNonQueryAsync();
        }
        await Append(store, null);

        await writer.WritePart(long.MaxValue, default);
        var needsCopy = writer.NeedsCopy;
        await writer.CopyTables(default);
        await Append(store, writer);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await new StoreRestore(Place("a"), copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.True(needsCopy);
        Assert.Equal("person-3", await restored.FindClaim("names", "3"));
        Assert.Equal("person-4", await restored.FindClaim("names", "4"));
    }

    [Theory]
    [DatabaseKinds]
    public async Task Changes_that_were_not_recorded_are_a_gap_until_a_part_says_so(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var first = await Open(store);
        await Append(store, first);
        await ((IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage)).Changes.Stop(default);

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
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        await Append(store, null);
        var writer = await BackupWriter.Open(storage, storage.Changes, place, null, new BackupStart(), clock, default);
        await Assert.ThrowsAsync<ObjectStorageException>(() => writer.CopyTables(default));
        var interrupted = Directory.GetFiles(_directory, "rows-*", SearchOption.AllDirectories);

        clock.Advance(TimeSpan.FromDays(2));
        await writer.WritePart(long.MaxValue, default);
        await writer.RemoveOld(clock.GetUtcNow().AddDays(-30), StoreBackup.EndOfDay, default);

        Assert.NotEmpty(interrupted);
        Assert.Empty(Directory.GetFiles(_directory, "rows-*", SearchOption.AllDirectories));
        Assert.True(writer.NeedsCopy);
    }

    [Fact]
    public async Task Table_copies_by_command_before_the_first_part_lack_its_changes()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        for (var i = 0; i < 3; i++)
        {
            await new StoreBackup(original.Open(), Place("a")).Run();
            await Append(store, null);
        }
        await writer.WritePart(long.MaxValue, default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        await new StoreRestore(Place("a"), copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.Equal("person-3", await restored.FindClaim("names", "3"));
    }

    [Fact]
    public async Task A_crash_before_the_first_part_loses_no_change()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        await (await Open(store)).CopyTables(default);
        await Append(store, null);
        await new StoreBackup(original.Open(), Place("a")).Run();
        await Append(store, null);

        var next = await Open(store);
        await next.WritePart(long.MaxValue, default);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await new StoreRestore(Place("a"), copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.False(next.NeedsCopy);
        Assert.Equal("person-2", await restored.FindClaim("names", "2"));
    }

    [Fact]
    public async Task After_a_full_backup_by_command_the_continued_set_is_restored_until_a_writer_uses_the_new_one()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        await writer.CopyTables(default);
        await Append(store, writer);
        await new StoreBackup(original.Open(), Place("a")).Run(isFull: true);
        await Append(store, writer);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var report = await new StoreRestore(Place("a"), copy.Open()).Run();
        await writer.Merge(default);
        var next = await Open(store);

        Assert.Equal((1, 2), (report.Set.Generation, report.Head.Position));
        Assert.Equal((true, 2, true), (writer.IsReplaced, next.Contents.Id.Generation, next.NeedsCopy));
    }

    [Fact]
    public async Task A_set_is_removed_only_after_a_later_one_is_written_and_restores_all_later_positions()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var clock = new ManualClock();
        var writer = await Open(store, clock: clock);
        await writer.CopyTables(default);
        await Append(store, writer);
        await new StoreBackup(original.Open(), Place("a"), time: clock).Run(isFull: true);
        clock.Advance(TimeSpan.FromDays(2));

        await writer.RemoveOld(clock.GetUtcNow().AddHours(-1), StoreBackup.EndOfDay, default);
        var next = await Open(store, clock: clock);
        await Append(store, next);
        await next.RemoveOld(clock.GetUtcNow().AddHours(-1), StoreBackup.EndOfDay, default);
        var beforeCopy = (await StoreRestore.List(Place("a"))).Count;
        await next.CopyTables(default);
        clock.Advance(TimeSpan.FromDays(2));
        await next.RemoveOld(clock.GetUtcNow().AddHours(-1), StoreBackup.EndOfDay, default);

        Assert.Equal(2, beforeCopy);
        Assert.Equal(2, Assert.Single(await StoreRestore.List(Place("a"))).Id.Generation);
    }

    [Theory]
    [DatabaseKinds]
    public async Task Documents_are_recorded_unless_they_are_built_again(StoreKind kind)
    {
        string[] names = ["timers", "acme/snapshots", "acme/process-a", "sales@1"];
        using var original = await SharedStore.Create(kind);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        foreach (var name in names[..2])
            await storage.Documents.EnsureCollection(new CollectionDefinition(name, []), default);
        await changes.Start(default);
        foreach (var name in names[2..])
            await storage.Documents.EnsureCollection(new CollectionDefinition(name, []), default);

        var documents = names.Select(name =>
            new DocumentChange { Collection = name, Key = "a", Body = "{}"u8.ToArray() });
        await storage.Log.Commit(
            [new CommitRequest { Documents = [.. documents] }], TimeProvider.System.GetUtcNow(), default);
        var recorded = (await changes.Read(0, 10, default))!;

        Assert.Equal(["acme/process-a", "timers"], recorded.Select(change => change.Collection!.Name).Order());
    }

    [PostgreSqlFact]
    public async Task A_collection_that_is_in_use_does_not_delay_the_recording_of_others()
    {
        using var original = await SharedStore.Create(StoreKind.PostgreSql);
        await using var storage = original.Open();
        await storage.Open(default);
        foreach (var name in (string[])["a", "b"])
            await storage.Documents.EnsureCollection(new CollectionDefinition(name, []), default);
        await using var connection = new NpgsqlConnection(original.ConnectionString);
        await connection.OpenAsync();
        var changes = ((IBackupStorage)storage).Changes;
        await Execute(connection, "BEGIN; LOCK TABLE millrace_documents.doc_2 IN ROW EXCLUSIVE MODE");

        var starting = changes.Start(default).AsTask();
        var isRecorded = await Eventually.Get(
            async () => await Execute(connection, "SELECT count(*) FROM pg_trigger WHERE tgname = "
                + "'backup_documents_delete' AND tgrelid = 'millrace_documents.doc_1'::regclass"),
            count => count is 1L);
        await Execute(connection, "COMMIT");
        await starting;

        Assert.Equal(1L, isRecorded);
    }

    [Fact]
    public async Task A_part_ends_at_the_end_of_a_transaction()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var payload = Encoding.UTF8.GetBytes($"\"{new string('a', 1_000_000)}\"");
        var writer = await Open(store);
        for (var i = 0; i < 6; i++)
        {
            var request = new AppendRequest();
            for (var j = 0; j < 3; j++)
                request.To(new StreamId($"s-{j}"), ExpectedVersion.Any, NewEvent.FromBytes("large", payload));
            await store.Append(request);
        }

        var hasMore = await writer.WritePart(long.MaxValue, default);

        Assert.True(hasMore);
        Assert.Equal(9, writer.Position);
    }

    [Fact]
    public async Task Large_answers_are_written_in_several_parts()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var writer = await Open(store);
        var random = new Random(1);
        var answer = new byte[1_000_000];
        for (var i = 0; i < 70; i++)
        {
            random.NextBytes(answer);
            var mark = new HandledMark("commands", $"{i}", answer.ToArray(), DateTimeOffset.UtcNow.AddDays(1));
            await store.Stored.Storage.Log.Commit(
                [new CommitRequest { Handled = [mark] }], DateTimeOffset.UtcNow, default);
        }

        for (var i = 0; i < 20; i++)
            await writer.WritePart(long.MaxValue, default);

        var changes = ((IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage)).Changes;
        Assert.Empty((await changes.Read(0, 1, default))!);
    }

    [Fact]
    public async Task A_place_that_refuses_deletion_keeps_the_parts_of_a_segment()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        var place = new HookedObjectStorage(Place("a"))
        {
            Deleting = _ => throw new ObjectStorageException("no right", ObjectStorageProblem.Denied),
        };
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        var writer = await BackupWriter.Open(
            storage, storage.Changes, place, null, new BackupStart(), TimeProvider.System, default);
        await writer.CopyTables(default);
        for (var i = 0; i < BackupMerger.MinParts; i++)
            await Append(store, writer);

        await writer.Merge(default);
        await Append(store, writer);
        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        var report = await new StoreRestore(place, copy.Open()).Run();

        Assert.True(writer.KeepsParts);
        Assert.False(writer.HasManyParts);
        Assert.Equal(2, writer.Contents.Log.Count);
        Assert.Equal(BackupMerger.MinParts + 1, report.Head.Position);
    }

    [Fact]
    public async Task A_segment_has_the_gap_of_each_of_its_parts()
    {
        var store = Guid.NewGuid();
        var place = new BackupPlace(Place("a"), null, store);
        var contents = new BackupContents(new BackupSetId(store, 1, 1));
        var content = LogContent.Of(new ContentWriter(), changes: default);
        for (var i = 0; i <= BackupMerger.MinParts; i++)
        {
            // Two nodes wrote number 1, one of them after a gap.
            var number = Math.Max(1, i);
            var name = new LogObjectName(number, number, i + 1, i + 1, 0, false, FollowsGap: i == 1, "", 0)
                .Create(contents.Id.Folder);
            var info = new BackupInfo { Kind = "log", Store = store, Epoch = 1, FollowsGap = i == 1 };
            contents.Add(new StoredObject(name, await place.Put(name, info, content, default)));
        }
        contents.Order();

        await new BackupMerger(place, contents).Run(default);

        Assert.True(Assert.Single(contents.Log).FollowsGap);
    }

    [Fact]
    public async Task A_passphrase_begins_a_new_set()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
        await Append(store, null);
        await new StoreBackup(original.Open(), Place("a")).Run();

        var report = await new StoreBackup(original.Open(), Place("a"), "a long passphrase").Run();
        var next = await new StoreBackup(original.Open(), Place("a"), "a long passphrase").Run();

        Assert.Equal((2, 2), (report.Set.Generation, next.Set.Generation));
    }

    private static async Task<object?> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static DbConnection Connect(SharedStore store, StoreKind kind) => kind == StoreKind.Sqlite
        ? new SqliteConnection($"Data Source={store.File};Pooling=False")
        : new NpgsqlConnection(store.ConnectionString);

    private static async Task Append(EventStore store, BackupWriter? writer)
    {
        var number = (await store.GetInfo()).Head.Position + 1;
        await store.Append(new AppendRequest()
            .To(new StreamId($"person-{number}"), ExpectedVersion.Any, NewEvent.FromBytes("named", "{}"u8.ToArray()))
            .With(Claim.Acquire("names", $"{number}", $"person-{number}")));
        if (writer is not null)
            await writer.WritePart(long.MaxValue, default);
    }

    private Task<BackupWriter> Open(EventStore store, string folder = "a", TimeProvider? clock = null)
    {
        var storage = (IBackupStorage)ArchivedStorage.InnerOf(store.Stored.Storage);
        return BackupWriter.Open(
            storage, storage.Changes, Place(folder), null, new BackupStart(), clock ?? TimeProvider.System, default);
    }

    private DirectoryObjectStorage Place(string folder) =>
        new(Directory.CreateDirectory(Path.Combine(_directory, folder)).FullName);
}
