using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Backups;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Storage.Objects;
using Millrace.Testing;
using Millrace.Tests.Scheduling;

namespace Millrace.Tests.Backups;

/// <summary>Tests that a running application is backed up, and that its store can be restored.</summary>
public sealed class ContinuousBackupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-backups-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [DatabaseKinds]
    public async Task A_store_is_restored_with_its_events_and_claims(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        var place = new DirectoryObjectStorage(_directory);
        long position;
        using (var host = Build(original.Open(), place))
        {
            await host.StartAsync();
            var store = host.Services.GetRequiredService<EventStore>();
            position = await AppendClaimed(store, "ada");
            await WaitFor(place, position);
            await host.StopAsync();
        }

        using var copy = await SharedStore.Create(kind);
        var report = await new StoreRestore(place, copy.Open()).Run();
        await using var restored = await EventStore.Open(copy.Open(), EventTypeMap.Empty);

        Assert.Equal((position, 2), (report.Head.Position, report.Head.Epoch));
        Assert.Equal("person-ada", await restored.FindClaim("names", "ada"));
        await Assert.ThrowsAsync<ClaimTakenException>(() => AppendClaimed(restored, "ada", "person-eve"));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_timer_that_was_set_after_the_table_copy_is_restored(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        var place = new DirectoryObjectStorage(_directory);
        await using (var node = await BellNode.Start(
            original.Open(), configure: millrace => UseBackup(millrace, place)))
        {
            await WaitFor(place, 0);
            await node.Timers.Set(new Ring("later"), TimeSpan.FromHours(1), new TimerOptions { Key = "a" });
            await WaitFor(place, (await node.Store.GetInfo()).Head.Position);
        }

        using var copy = await SharedStore.Create(kind);
        await new StoreRestore(place, copy.Open()).Run();
        await using var restored = await BellNode.Start(copy.Open());
        await restored.Timers.Run("a", "ada");

        Assert.Equal(["later"], await restored.WaitForRings(1));
    }

    [Fact]
    public async Task A_store_whose_log_is_in_memory_is_backed_up()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new DirectoryObjectStorage(_directory);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMillrace(millrace =>
        {
            UseBackup(millrace.UseStorage(_ => original.Open()), place);
            millrace.KeepLogInMemory();
        });
        using var host = builder.Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var failures = 0L;
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "millrace.backup.failures")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags.ToArray().Any(tag => tag.Value as string == nameof(BackupException)))
                Interlocked.Add(ref failures, count);
        });
        meters.Start();
        for (var i = 0; i < 3; i++)
            await WaitFor(place, await AppendClaimed(store, $"{i}"));
        await host.StopAsync();

        Assert.Equal(0, failures);
    }

    [Fact]
    public async Task The_end_of_an_erasure_begins_a_table_copy()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new DirectoryObjectStorage(_directory);
        using var host = Build(original.Open(), place);
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        await WaitFor(place, 0);
        var recorded = new EncodedEvent
        {
            Id = Guid.NewGuid(),
            Type = "erasures.confirmed",
            Payload = "{}"u8.ToArray(),
        };
        var append = new StreamAppend(new StreamId("$erasure-1"), ExpectedVersion.Any, [recorded]);

        await store.Stored.Storage.Log.Commit(
            [new CommitRequest { Appends = [append] }], TimeProvider.System.GetUtcNow(), default);
        var set = await Eventually.Get(() => LastSet(place), set => set is { Copies.Count: 2 });
        await host.StopAsync();

        Assert.Equal(1, set!.Copies[^1]);
    }

    [Fact]
    public async Task A_place_that_refuses_deletion_does_not_delay_the_backup()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new HookedObjectStorage(new DirectoryObjectStorage(_directory));
        await using (var storage = original.Open())
            await storage.Open(default);
        foreach (var days in (int[])[-90, -60])
        {
            var time = new ManualTimeProvider(DateTimeOffset.UtcNow.AddDays(days));
            await new StoreBackup(original.Open(), place, time: time).Run();
        }
        place.Deleting = _ => throw new ObjectStorageException("no right to delete", ObjectStorageProblem.Denied);
        using var host = Build(original.Open(), place);
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var backups = host.Services.GetRequiredService<ContinuousBackup>();

        var failing = await Eventually.Get(
            () => Task.FromResult(backups.List().SingleOrDefault()), status => status?.Error is not null);
        var position = await AppendClaimed(store, "ada");
        var status = await Eventually.Get(
            () => Task.FromResult(backups.List().Single()), status => status.Position == position);
        await host.StopAsync();

        Assert.Contains("no right to delete", failing!.Error, StringComparison.Ordinal);
        Assert.False(status.IsLate);
        Assert.NotNull(status.Error);
    }

    [Fact]
    public async Task A_place_that_is_gone_delays_the_backup_and_not_the_appends()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var missing = Path.Combine(_directory, "disk");
        var place = new DirectoryObjectStorage(missing);
        using var host = Build(original.Open(), place);
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var position = await AppendClaimed(store, "ada");
        var consumers = host.Services.GetRequiredService<Consumers>();
        var failing = await Eventually.Get(
            async () => (await consumers.List()).Single(status => status.Name == "backup"),
            status => status.Error is not null);
        var backups = host.Services.GetRequiredService<ContinuousBackup>();
        var waiting = await Eventually.Get(
            () => Task.FromResult(backups.List().SingleOrDefault()),
            status => status is { Error: not null, WaitingEvents: > 0 });

        Directory.CreateDirectory(missing); // The disk is mounted.
        await WaitFor(place, position);
        var recovered = await Eventually.Get(
            () => Task.FromResult(backups.List().SingleOrDefault()),
            status => status is { Error: null, WaitingEvents: 0 });
        await host.StopAsync();

        Assert.Contains(missing, failing.Error, StringComparison.Ordinal);
        Assert.Contains(missing, waiting!.Error, StringComparison.Ordinal);
        Assert.NotNull(waiting.FailingSince);
        Assert.Equal((position, null), (recovered!.Position, recovered.WaitingSince));
        Assert.Empty(backups.List());
    }

    [Fact]
    public async Task A_place_that_does_not_answer_is_reported_and_the_backup_recovers()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var answer = new TaskCompletionSource();
        var place = new HookedObjectStorage(new DirectoryObjectStorage(_directory))
        {
            Putting = (_, _) => answer.Task, // It also ignores the cancellation.
        };
        using var host = Build(original.Open(), place, options => options.PlaceTimeout = TimeSpan.FromSeconds(1));
        await host.StartAsync();
        var position = await AppendClaimed(host.Services.GetRequiredService<EventStore>(), "ada");
        var backups = host.Services.GetRequiredService<ContinuousBackup>();

        var failing = await Eventually.Get(
            () => Task.FromResult(backups.List().SingleOrDefault()), status => status?.Error is not null);
        answer.SetResult();
        await WaitFor(place, position);
        await host.StopAsync();

        Assert.Contains("did not answer within 1 second", failing!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_copy_does_not_delay_new_events()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var isReleased = new TaskCompletionSource();
        var place = new HookedObjectStorage(new DirectoryObjectStorage(_directory))
        {
            Putting = (name, cancel) =>
                name.Contains("/tables/") ? isReleased.Task.WaitAsync(cancel) : Task.CompletedTask,
        };
        using var host = Build(original.Open(), place);
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();

        var position = await AppendClaimed(store, "ada");
        var during = await Eventually.Get(() => LastSet(place), set => set?.LastPosition >= position);
        isReleased.SetResult();
        var after = await WaitFor(place, position);
        await host.StopAsync();

        Assert.Empty(during!.Copies);
        Assert.Single(after!.Copies);
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_change_without_an_event_keeps_the_store_of_a_tenant_open(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        using var host = Build(
            original.Open(),
            new DirectoryObjectStorage(_directory),
            options => options.Interval = TimeSpan.FromHours(1));
        await host.StartAsync();
        var log = host.Services.GetRequiredService<EventStore>().Stored.Storage.Log;
        var consumers = host.Services.GetRequiredService<ConsumerHost>();
        var backup = consumers.All.Single(consumer => consumer.Name == BackupProcessor.ConsumerName).Processor;
        var backups = host.Services.GetRequiredService<ContinuousBackup>();
        await Eventually.Get(
            async () => backups.List() is [{ RestorablePosition: not null }] && !await backup.HasUnsaved(default),
            static isComplete => isComplete);

        var claim = new CommitRequest { Claims = [Claim.Acquire("names", "ada", "person-ada")] };
        await log.Commit([claim], TimeProvider.System.GetUtcNow(), default);
        var hasUnsaved = await backup.HasUnsaved(default);
        await host.StopAsync();

        Assert.True(hasUnsaved);
    }

    [Fact]
    public async Task The_tables_are_copied_at_the_times_of_the_schedule()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new DirectoryObjectStorage(_directory);
        var clock = new ManualClock();
        using var host = Build(
            original.Open(), place, options => options.TableCopySchedule = "* * * * *", clock);
        await host.StartAsync();
        var backups = host.Services.GetRequiredService<ContinuousBackup>();
        // Without a change since the last copy, there is no copy.
        var first = await WaitAsTimePasses(static set => set is { Copies.Count: > 0 });
        var position = await AppendClaimed(host.Services.GetRequiredService<EventStore>(), "ada");
        clock.Advance(TimeSpan.FromMinutes(1));
        var set = await WaitAsTimePasses(
            set => set?.LastPosition == position && set.Copies.Count > first!.Copies.Count);
        var status = await Eventually.Get(
            () => Task.FromResult(backups.List().Single()), status => status.RestorablePosition == position);
        await host.StopAsync();

        Assert.True(set!.LastCopyAt > set.LastEventAt);
        Assert.Equal((position, position), (status.Position, status.RestorablePosition!.Value));

        Task<BackupSet?> WaitAsTimePasses(Func<BackupSet?, bool> condition) => Eventually.Get(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return LastSet(place);
            },
            condition);
    }

    [Fact]
    public async Task A_table_copy_of_a_former_epoch_does_not_delay_that_of_the_next_set()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new HookedObjectStorage(new DirectoryObjectStorage(_directory))
        {
            Putting = (name, cancel) => name.Contains("/000001-000001/tables/", StringComparison.Ordinal)
                ? Task.Delay(Timeout.Infinite, cancel)
                : Task.CompletedTask,
        };
        using var host = Build(original.Open(), place);
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var first = await AppendClaimed(store, "ada");
        await Eventually.Get(() => LastSet(place), set => set?.LastPosition >= first);

        await store.Stored.Primary.Maintenance.StartEpoch(default);
        await AppendClaimed(store, "eve");
        var next = await Eventually.Get(() => LastSet(place), set => set is { Id.Epoch: 2, Copies.Count: > 0 });
        await host.StopAsync();

        Assert.Equal(1, next!.Id.Generation);
    }

    [Fact]
    public async Task A_store_that_was_replaced_by_an_older_copy_is_not_mixed_with_its_backup()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new DirectoryObjectStorage(_directory);
        var older = Path.Combine(_directory, "..", Path.GetFileName(_directory) + "-copy.db");
        try
        {
            await using (var storage = original.Open())
            {
                await storage.Open(default);
                await storage.Maintenance.Backup(older, null, default);
                await using var store = await EventStore.Open(original.Open(), EventTypeMap.Empty);
                await AppendClaimed(store, "ada");
                await new StoreBackup(original.Open(), place).Run();
            }
            await using var copy = await EventStore.Open(new Sqlite.SqliteStorage(older), EventTypeMap.Empty);
            await AppendClaimed(copy, "eve");

            var refused = await Assert.ThrowsAsync<BackupException>(
                () => new StoreBackup(new Sqlite.SqliteStorage(older), place).Run());

            Assert.Contains("begin-log-epoch", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var file in Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(older) + "*"))
                File.Delete(file);
        }
    }

    [Fact]
    public async Task A_damaged_object_is_named_and_a_wrong_passphrase_is_refused()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = new DirectoryObjectStorage(_directory);
        await using (var store = await EventStore.Open(original.Open(), EventTypeMap.Empty))
            await AppendClaimed(store, "ada");
        await new StoreBackup(original.Open(), place, "a long passphrase").Run();
        using var copy = await SharedStore.Create(StoreKind.Sqlite);

        var wrong = await Assert.ThrowsAsync<BackupException>(
            () => new StoreRestore(place, copy.Open(), "another passphrase").Run());
        var part = Directory
            .GetFiles(_directory, "*.mrbk", SearchOption.AllDirectories)
            .First(file => file.Contains("/log/"));
        var bytes = await File.ReadAllBytesAsync(part);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(part, bytes);
        var damaged = await Assert.ThrowsAsync<BackupException>(
            () => new StoreRestore(place, copy.Open(), "a long passphrase").Run());

        Assert.Contains("passphrase", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(part), damaged.Message, StringComparison.Ordinal);
    }

    private static IHost Build(
        IStorage storage, IObjectStorage place, Action<BackupOptions>? configure = null, TimeProvider? time = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage)
            .UseBackup(place, options =>
            {
                options.Interval = TimeSpan.FromMilliseconds(100);
                configure?.Invoke(options);
            }));
        return builder.Build();
    }

    private static void UseBackup(MillraceBuilder millrace, IObjectStorage place) =>
        millrace.UseBackup(place, options => options.Interval = TimeSpan.FromMilliseconds(100));

    private static async Task<long> AppendClaimed(EventStore store, string name, string? owner = null)
    {
        var stream = new StreamId(owner ?? $"person-{name}");
        var request = new AppendRequest()
            .To(stream, ExpectedVersion.Any, NewEvent.FromBytes("person.named", "{}"u8.ToArray()))
            .With(Claim.Acquire("names", name, stream.Value));
        return (await store.Append(request)).Position;
    }

    private static Task<BackupSet?> WaitFor(IObjectStorage place, long position) => Eventually.Get(
        async () => await LastSet(place),
        set => set is { Copies.Count: > 0 } && set.LastPosition >= position);

    private static async Task<BackupSet?> LastSet(IObjectStorage place)
    {
        try
        {
            return await StoreRestore.List(place) is [.., var last] ? last : null;
        }
        catch (ObjectStorageException)
        {
            return null; // The place is not there yet.
        }
    }
}
