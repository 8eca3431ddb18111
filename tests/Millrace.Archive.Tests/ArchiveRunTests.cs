using Millrace.Archiving;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Caching;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Archive.Tests;

/// <summary>Tests archive runs, restorations and checks.</summary>
public sealed class ArchiveRunTests
{
    [Theory]
    [StoreKinds]
    public async Task Streams_without_recent_events_are_archived_and_still_read(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 7);
        await fixture.Append("order-2", 4);
        var since = fixture.Clock.GetUtcNow() - TimeSpan.FromDays(3.5);
        var before = await fixture.Read("order-1");

        var planned = await fixture.Archive.Run(new ArchiveSelection { InactiveSince = since, IsDryRun = true });
        Assert.Equal(0, await fixture.CountArchived());
        var report = await fixture.Archive.Run(new ArchiveSelection { InactiveSince = since, By = "ann" });

        Assert.Equal((1, 7, 2), (report.Streams, report.Events, report.Segments));
        Assert.Equal((1, 7, 2), (planned.Streams, planned.Events, planned.Segments));
        Assert.Equal(7, await fixture.CountArchived());
        Assert.Equal(before, await fixture.Read("order-1"));
        var segments = await fixture.Archive.List().ToListAsync();
        Assert.Equal([(1, 5), (6, 7)], segments.Select(one => (one.FirstPosition, one.LastPosition)));
        Assert.All(segments, one => Assert.Equal(("ann", ArchiveSegmentState.Archived), (one.By, one.State)));
        Assert.Equal(0, (await fixture.Archive.Run(new ArchiveSelection { InactiveSince = since })).Events);
    }

    [Theory]
    [StoreKinds]
    public async Task Appends_to_an_archived_stream_continue_its_versions(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 6);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "order-1" });

        var stream = new StreamId("order-1");
        await Assert.ThrowsAsync<VersionConflictException>(() => fixture.Store.Append(
            stream, ExpectedVersion.NoStream, [NewEvent.FromBytes("shop.happened", "{}"u8.ToArray())]));
        await fixture.Store.Append(
            stream, ExpectedVersion.Exactly(6), [NewEvent.FromBytes("shop.happened", "{}"u8.ToArray())]);

        Assert.Equal(7, (await fixture.Read("order-1")).Count);
    }

    [Theory]
    [StoreKinds]
    public async Task A_condition_sees_archived_events(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("seat-1", 2);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var request = new CommitRequest
        {
            Conditions = [new AppendCondition(EventFilter.WithTags(new Tag("stream", "seat-1")), 0)],
        };

        var outcome = await fixture.Store.TryCommit(request, isBackground: false, default);

        Assert.IsType<ConditionFailedException>(outcome.Refusal);
    }

    [Theory]
    [StoreKinds]
    public async Task A_restored_stream_is_in_the_store_again(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 7);
        await fixture.Append("order-2", 2);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var before = await fixture.Read("order-1");

        Assert.Equal(7, await fixture.Archive.Restore(new StreamId("order-1"), "ann"));

        Assert.Equal(2, await fixture.CountArchived());
        Assert.Equal(before, await fixture.Read("order-1"));
        Assert.True((await fixture.Store.Storage.Maintenance.Verify(null, default)).IsSound);
        Assert.Equal(7, (await fixture.Archive.Check()).UnusedEvents);
        Assert.Equal(2, (await fixture.Read("order-2")).Count);
        Assert.Equal(2, fixture.Segments().Length); // Backups can refer to them.
        await Assert.ThrowsAsync<StreamNotFoundException>(() => fixture.Archive.Restore(new StreamId("order-9")));
    }

    [Fact]
    public async Task A_restored_stream_is_archived_again_when_it_was_inactive_since()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 3);
        await fixture.Append("order-2", 1);
        fixture.Clock.Advance(TimeSpan.FromDays(10));
        Assert.Equal(4, await RunOverInactive());
        fixture.Clock.Advance(TimeSpan.FromDays(10));

        await fixture.Archive.Restore(new StreamId("order-1"));
        Assert.Equal(0, await RunOverInactive());
        await fixture.Archive.RestoreAll();
        fixture.Clock.Advance(TimeSpan.FromDays(4));
        Assert.Equal(0, await RunOverInactive());
        fixture.Clock.Advance(TimeSpan.FromDays(2));

        Assert.Equal(4, await RunOverInactive());

        async Task<long> RunOverInactive()
        {
            var since = fixture.Clock.GetUtcNow() - TimeSpan.FromDays(5);
            return (await fixture.Archive.Run(new ArchiveSelection { InactiveSince = since })).Events;
        }
    }

    [Theory]
    [StoreKinds]
    public async Task Only_one_run_archives_at_a_time(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 3);
        await using var other = await fixture.Open();
        var held = await ArchiveLock.TryAcquire(other, default);
        Assert.NotNull(held);

        var refused = await Assert.ThrowsAsync<ArchiveException>(() =>
            fixture.Archive.Run(new ArchiveSelection { Streams = "*" }));
        var planned = await fixture.Archive.Run(new ArchiveSelection { Streams = "*", IsDryRun = true });
        await held.DisposeAsync();

        Assert.Contains("Another run", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, planned.Events);
        Assert.Equal(3, (await fixture.Archive.Run(new ArchiveSelection { Streams = "*" })).Events);
    }

    [Theory]
    [StoreKinds]
    public async Task Deleted_and_closed_streams_are_restored(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 7);
        await fixture.Append("order-11", 2);
        await fixture.Append("order-2", 3);
        await fixture.Store.Delete(new StreamId("order-1"), ExpectedVersion.Any, "old", "ann");
        await fixture.Store.Tombstone(new StreamId("order-2"), ExpectedVersion.Any, "old", "ann");
        var before = await ReadLog(fixture.Store);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var archived = await fixture.CountArchived();

        var restored = await fixture.Archive.Restore(new StreamId("order-1"), "ann")
            + await fixture.Archive.Restore(new StreamId("order-2"), "ann");

        Assert.True(restored > 0);
        Assert.Equal(archived - restored, await fixture.CountArchived());
        Assert.Equal(2, await fixture.CountArchived()); // Another stream with the same prefix.
        Assert.Equal(before, await ReadLog(fixture.Store));
    }

    [Theory]
    [StoreKinds]
    public async Task An_archive_ends_when_all_streams_are_restored(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 7);
        await fixture.Append("order-2", 3);
        await fixture.Append("order-3", 1);
        await fixture.Store.Delete(new StreamId("order-2"), ExpectedVersion.Any, "old", "ann");
        var before = await ReadLog(fixture.Store);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var archived = await fixture.CountArchived();

        Assert.Equal(archived, await fixture.Archive.RestoreAll("ann"));

        Assert.Equal(0, await fixture.CountArchived());
        Assert.NotEmpty(fixture.Segments());
        Assert.All(
            await fixture.Archive.List().ToListAsync(), one => Assert.Equal(ArchiveSegmentState.Unused, one.State));
        Assert.True((await fixture.Archive.Check()).IsSound);
        await using var without = await EventStore.Open(fixture.NewStorage(), EventTypeMap.Empty);
        if (kind != StoreKind.Memory)
            Assert.Equal(before, await ReadLog(without));
    }

    [Fact]
    public async Task Numbers_of_segments_are_not_used_again()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 7);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "order-1" });
        var old = await fixture.Archive.List().ToListAsync();
        await using var reader = await fixture.Open();
        await ReadLog(reader); // Keeps the segments.
        await fixture.Archive.RestoreAll();
        await RemoveRecord(fixture, old[1]); // As a restore of an earlier state of the store does.
        await fixture.Append("order-2", 2);

        await fixture.Archive.Run(new ArchiveSelection { Streams = "order-2" });

        Assert.Equal(3, (await fixture.Archive.List().ToListAsync())[^1].Number);
        Assert.Equal(await ReadLog(fixture.Store), await ReadLog(reader));
    }

    [Fact]
    public async Task A_reader_continues_when_its_events_are_restored()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-2", 3);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var contents = new ArchiveContents(
            fixture.Inner, new ArchiveAccess(new ParquetArchiveFormat(), _ => fixture.Options.Place!));
        var query = new StreamPageQuery(new StreamId("order-2"), 1, IsBackwards: false, 10);
        var read = await fixture.Inner.Log.ReadStream(query, default);
        await fixture.Archive.RestoreAll();
        File.Delete(Assert.Single(fixture.Segments()));

        var resolved = await contents.Resolve(read, isBrief: false, default);

        Assert.Equal(
            await fixture.Read("order-2"),
            resolved.Events.Select(one => System.Text.Encoding.UTF8.GetString(one.Payload.Span)));
    }

    [Fact]
    public async Task Other_users_can_read_segments()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 1);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var probe = Path.Combine(fixture.Place, "probe");
        await File.WriteAllTextAsync(probe, "");
        var read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

        Assert.Equal(
            File.GetUnixFileMode(probe) & read,
            File.GetUnixFileMode(Assert.Single(fixture.Segments())) & read);
    }

    [Fact]
    public async Task A_check_during_a_run_finds_no_damage()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 3);
        await fixture.Append("order-2", 3);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "order-1" });
        var options = fixture.Options;
        var runs = 0;
        options.Place = new FailingPlace(fixture.Options.Place!, async () =>
        {
            if (runs++ == 0)
                await fixture.Archive.Run(new ArchiveSelection { Streams = "order-2" });
        });

        var check = await new StoreArchive(fixture.Store, options).Check();

        Assert.True(check.IsSound, string.Join(" ", check.Problems));
        Assert.Equal(6, check.Events);
    }

    [Theory]
    [StoreKinds]
    public async Task A_damaged_or_missing_segment_is_named(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 10);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var segments = await fixture.Archive.List().ToListAsync();
        Assert.True((await fixture.Archive.Check()).IsSound);
        var first = Path.Combine(fixture.Place, segments[0].Name);
        var bytes = await File.ReadAllBytesAsync(first);
        bytes[^20] ^= 1;
        await File.WriteAllBytesAsync(first, bytes);
        File.Delete(Path.Combine(fixture.Place, segments[1].Name));

        var check = await fixture.Archive.Check();
        var report = await fixture.Store.Storage.Maintenance.Verify(null, default);
        await using var other = await fixture.Open();
        var failure = await Assert.ThrowsAsync<ArchiveException>(async () =>
            await other.Storage.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, false, 10), default));

        Assert.Equal(segments.Select(one => one.Name).Order(StringComparer.Ordinal), check.DamagedSegments);
        Assert.Equal(2, check.Problems.Count);
        Assert.False(report.IsSound);
        Assert.Equal(segments[0].Name, failure.DamagedSegment);
    }

    [Theory]
    [StoreKinds]
    public async Task An_application_without_the_archive_is_told_the_place(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await using var running = await EventStore.Open(fixture.NewStorage(), EventTypeMap.Empty);
        await fixture.Append("order-1", 3);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });

        var refused = await Assert.ThrowsAsync<ArchiveRequiredException>(() =>
            EventStore.Open(fixture.NewStorage(), EventTypeMap.Empty));
        var unread = await Assert.ThrowsAsync<ArchiveRequiredException>(async () =>
            await running.Storage.Log.ReadStream(new StreamPageQuery(new StreamId("order-1"), 1, false, 9), default));

        Assert.Contains(fixture.Place, refused.Place, StringComparison.Ordinal);
        Assert.Equal(refused.Place, unread.Place);
        if (kind != StoreKind.Memory)
            await fixture.Read("order-1");
    }

    [Fact]
    public async Task Another_place_is_refused()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 3);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        await fixture.Append("order-2", 3);
        var options = fixture.Options;
        options.Place = new DirectoryObjectStorage(Path.GetTempPath());

        var refused = await Assert.ThrowsAsync<ArchiveException>(() =>
            new StoreArchive(fixture.Store, options).Run(new ArchiveSelection { Streams = "*" }));

        Assert.Contains(fixture.Place, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_being_moved_is_not_archived()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 3);
        var moves = ((IMovableStorage)fixture.Inner).Moves;
        await moves.StartSource("PostgreSQL shop", default);

        var refused = await Assert.ThrowsAsync<ArchiveException>(() =>
            fixture.Archive.Run(new ArchiveSelection { Streams = "*" }));
        await moves.End(default);

        Assert.Contains("PostgreSQL shop", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await fixture.Archive.Run(new ArchiveSelection { Streams = "*" })).Events);
        await moves.StartSource("PostgreSQL shop", default);
        await Assert.ThrowsAsync<ArchiveException>(() => fixture.Archive.RestoreAll());
        await moves.End(default);
        Assert.Equal(3, await fixture.CountArchived());
    }

    [Theory]
    [StoreKinds]
    public async Task A_run_that_was_interrupted_leaves_the_events_in_the_store(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 3);
        var place = new FailingPlace(fixture.Options.Place!);
        var options = fixture.Options;
        options.Place = place;

        await Assert.ThrowsAsync<IOException>(() =>
            new StoreArchive(fixture.Store, options).Run(new ArchiveSelection { Streams = "*" }));

        Assert.Equal(0, await fixture.CountArchived());
        Assert.Equal(ArchiveSegmentState.Pending, Assert.Single(await fixture.Archive.List().ToListAsync()).State);
        Assert.Single(fixture.Segments()); // Without a reference.
        Assert.Equal(3, (await fixture.Archive.Run(new ArchiveSelection { Streams = "*" })).Events);
        Assert.Equal(2, (await fixture.Archive.List().ToListAsync())[^1].Number);
        Assert.Equal(3, await fixture.CountArchived());
        Assert.Equal(3, (await fixture.Read("order-1")).Count);
    }

    [Fact]
    public async Task The_log_in_memory_contains_archived_events()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 12);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        await using var cached = new CachedStorage(
            fixture.NewStorage().WithArchive(fixture.Options), new LogReplica());

        await cached.Open(default);

        var query = new StreamPageQuery(new StreamId("order-1"), long.MaxValue, IsBackwards: true, 20);
        var page = await cached.Log.ReadStream(query, default);
        Assert.Equal(
            (await fixture.Read("order-1")).Reverse(),
            page.Events.Select(one => System.Text.Encoding.UTF8.GetString(one.Payload.Span)));
    }

    [Fact]
    public async Task The_content_type_of_archived_events_is_reserved()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Memory);

        await Assert.ThrowsAsync<InvalidNameException>(() => fixture.Store.Append(
            new StreamId("order-1"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("shop.happened", new byte[12], "millrace.archived;application/json")]));
    }

    [Fact]
    public async Task Streams_and_events_of_Millrace_are_not_archived()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Store.Storage.Maintenance.StartEpoch(default);
        await fixture.Append("$internal", 2);

        Assert.Equal(0, (await fixture.Archive.Run(new ArchiveSelection { Streams = "*" })).Events);
    }

    [Fact]
    public async Task A_run_without_a_selection_is_refused()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Memory);

        await Assert.ThrowsAsync<ArgumentException>(() => fixture.Archive.Run(new ArchiveSelection()));
    }

    private static async Task<List<string>> ReadLog(EventStore store)
    {
        var page = await store.Storage.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, false, 1_000), default);
        return
        [
            .. page.Events.Select(one =>
                $"{one.Position} {one.ContentType} {System.Text.Encoding.UTF8.GetString(one.Payload.Span)}"),
        ];
    }

    private static async Task RemoveRecord(ArchiveFixture fixture, ArchiveSegment segment)
    {
        var current = (await new ArchiveIndex(fixture.Inner.Documents).Find(segment.Number, default))!;
        var request = new CommitRequest { Documents = [ArchiveIndex.Put(current) with { Body = null }] };
        Assert.Null((await fixture.Store.TryCommit(request, isBackground: false, default)).Refusal);
    }

    /// <summary>A place whose first reader fails, as if the program ended before its commit.</summary>
    private sealed class FailingPlace(IObjectStorage inner, Func<Task>? onRead = null) : IObjectStorage
    {
        public string Description => inner.Description;

        public ValueTask Put(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            inner.Put(name, content, cancellationToken);

        public async ValueTask<ReadOnlyMemory<byte>?> Get(string name, CancellationToken cancellationToken)
        {
            if (onRead is null)
                throw new IOException("The program ended.");
            var read = await inner.Get(name, cancellationToken);
            await onRead();
            return read;
        }

        public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancellationToken) =>
            inner.List(prefix, cancellationToken);

        public ValueTask Delete(string name, CancellationToken cancellationToken) =>
            inner.Delete(name, cancellationToken);
    }
}
