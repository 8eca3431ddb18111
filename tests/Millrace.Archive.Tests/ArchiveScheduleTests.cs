using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Retention;
using Millrace.Storage;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Archive.Tests;

/// <summary>Tests regular archive runs, and the status of the archive.</summary>
public sealed class ArchiveScheduleTests
{
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 30, 0, TimeSpan.Zero));

    [Theory]
    [StoreKinds]
    public async Task One_of_two_nodes_archives_at_the_scheduled_time(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await fixture.Append("order-1", 4);
        await using var other = await fixture.Open();
        using var first = Node(fixture, fixture.Store);
        using var second = Node(fixture, other);

        await first.Scheduler.Start(default);
        await second.Scheduler.Start(default);
        await _time.WaitForTimers(4);
        _time.Advance(TimeSpan.FromMinutes(30));
        var run = await Eventually.Get(
            () => fixture.Archive.FindLastRun(), static run => run?.EndedAt is not null);
        await _time.WaitForTimers(4); // Both wait for the next time.

        Assert.Equal((4L, 1, null), (run!.Events, run.Segments, run.Error));
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 1, 0, 0, TimeSpan.Zero), run.Due);
        Assert.Equal(4, await fixture.CountArchived());
        Assert.Single(fixture.Segments());
        Assert.Contains("schedule", await fixture.Archive.List().Select(static one => one.By).ToListAsync());
        await first.Scheduler.Stop(default);
        await second.Scheduler.Stop(default);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public async Task A_missed_or_interrupted_run_is_made_up_for_at_the_start(int? hoursLate)
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        var due = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) - TimeSpan.FromHours(hoursLate ?? 0);
        var earlier = new ArchiveScheduledRun(due, due) { EndedAt = hoursLate is null ? null : due };
        await fixture.Archive.Record(earlier, default);
        using var node = Node(fixture, fixture.Store);

        await node.Scheduler.Start(default);
        await _time.WaitForTimers(2);

        var run = await fixture.Archive.FindLastRun();
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), run!.Due);
        Assert.Equal(4, run.Events);
        await node.Scheduler.Stop(default);
    }

    [Fact]
    public async Task A_run_that_ended_is_not_repeated()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        var due = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await fixture.Archive.Record(new ArchiveScheduledRun(due, due) { EndedAt = due }, default);
        using var node = Node(fixture, fixture.Store);

        await node.Scheduler.Start(default);
        await _time.WaitForTimers(2);

        Assert.Equal(0, await fixture.CountArchived());
        await node.Scheduler.Stop(default);
    }

    [Fact]
    public async Task A_failed_run_is_recorded_and_the_next_one_succeeds()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        using var node = Node(fixture, fixture.Store);
        Directory.Delete(fixture.Place);
        await File.WriteAllTextAsync(fixture.Place, "a file, and no directory");

        await node.Scheduler.Start(default);
        await _time.WaitForTimers(2);
        _time.Advance(TimeSpan.FromMinutes(30));
        var failed = await Eventually.Get(
            () => fixture.Archive.FindLastRun(), static run => run?.EndedAt is not null);
        Assert.NotNull(failed!.Error);
        Assert.True(node.Monitor.Status.IsFailing);
        Assert.Null(failed.LastSucceededAt);

        File.Delete(fixture.Place);
        Directory.CreateDirectory(fixture.Place);
        await _time.WaitForTimers(2);
        _time.Advance(TimeSpan.FromHours(1));
        var run = await Eventually.Get(
            () => fixture.Archive.FindLastRun(), run => run?.Due > failed.Due && run.EndedAt is not null);
        Assert.Equal((4L, null, run!.EndedAt), (run.Events, run.Error, run.LastSucceededAt));
        await Eventually.Until(() => !node.Monitor.Status.IsFailing);
        await node.Scheduler.Stop(default);
    }

    [Fact]
    public async Task Each_node_reports_the_run_of_another_node()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        using var node = Node(fixture, fixture.Store);
        await node.Scheduler.Start(default);
        await _time.WaitForTimers(2);
        var now = _time.GetUtcNow();
        var failed = new ArchiveScheduledRun(now, now) { EndedAt = now, Error = "The disk is full." };

        await fixture.Archive.Record(failed, default);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Eventually.Until(() => node.Monitor.Status.IsFailing);
        await fixture.Archive.Record(failed with { StartedAt = now.AddSeconds(1), Error = null }, default);
        await _time.WaitForTimers(2);
        _time.Advance(TimeSpan.FromMinutes(1));

        await Eventually.Until(() => !node.Monitor.Status.IsFailing);
        await node.Scheduler.Stop(default);
    }

    [Fact]
    public async Task Closed_streams_are_archived_whatever_their_age()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 2);
        await fixture.Append("order-2", 2);
        await fixture.Store.Delete(new StreamId("order-2"), ExpectedVersion.Any, "test");
        using var node = Node(
            fixture, fixture.Store, new ArchiveScheduleOptions { Schedule = "0 * * * *", IncludesClosed = true });

        await node.Scheduler.Start(default);
        await _time.WaitForTimers(2);
        _time.Advance(TimeSpan.FromMinutes(30));
        var run = await Eventually.Get(
            () => fixture.Archive.FindLastRun(), static run => run?.EndedAt is not null);

        Assert.Equal(2, run!.Events);
        await node.Scheduler.Stop(default);
    }

    [Fact]
    public async Task The_status_counts_reads()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        using var host = await StartWithArchived(fixture);

        await ReadAll(host.Services.GetRequiredService<EventStore>());

        var status = host.Services.GetRequiredService<ArchiveMonitor>().Status;
        Assert.Equal((1L, 4L, 0L), (status.SegmentReads, status.CacheHits, status.ReadFailures));
        await host.StopAsync();
    }

    [Fact]
    public async Task The_status_reports_a_missing_segment()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        using var host = await StartWithArchived(fixture);
        foreach (var file in fixture.Segments())
            File.Delete(file);

        await Assert.ThrowsAnyAsync<MillraceException>(() =>
            ReadAll(host.Services.GetRequiredService<EventStore>()));

        var status = host.Services.GetRequiredService<ArchiveMonitor>().Status;
        Assert.True(status.IsFailing);
        Assert.True(status.ReadFailures > 0);
        Assert.Contains("is missing", status.ReadError, StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_schedule_needs_an_archive_and_streams()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        using var host = Build(millrace => millrace
            .UseSqlite(fixture.File)
            .UseArchive(new DirectoryObjectStorage(fixture.Place))
            .ArchiveRegularly(static schedule => schedule.Schedule = "often"));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        Assert.Contains("InactiveFor: is required", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Schedule: ", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Build(static millrace => millrace
            .UseSqlite("shop.db").ArchiveRegularly(static schedule => schedule.IncludesClosed = true)));
    }

    [Fact]
    public async Task An_application_archives_by_its_schedule()
    {
        await using var fixture = await ArchiveFixture.Create(StoreKind.Sqlite);
        await fixture.Append("order-1", 4);
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-2);
        await fixture.Archive.Record(new ArchiveScheduledRun(yesterday, yesterday) { EndedAt = yesterday }, default);
        using var host = Build(millrace => millrace
            .UseSqlite(fixture.File)
            .UseArchive(new DirectoryObjectStorage(fixture.Place))
            .ArchiveRegularly(static schedule => schedule.InactiveFor = TimeSpan.FromDays(1)));

        await host.StartAsync();
        await Eventually.Until(
            () => host.Services.GetRequiredService<ArchiveMonitor>().Status.LastRun is { EndedAt: { } ended }
                && ended > yesterday);

        Assert.Equal(4, await fixture.CountArchived());
        await host.StopAsync();
    }

    /// <summary>Starts an application whose store has five events in one segment.</summary>
    private static async Task<IHost> StartWithArchived(ArchiveFixture fixture)
    {
        await fixture.Append("order-1", 5);
        await fixture.Archive.Run(new ArchiveSelection { Streams = "*" });
        var host = Build(millrace => millrace
            .UseSqlite(fixture.File).UseArchive(new DirectoryObjectStorage(fixture.Place)));
        await host.StartAsync();
        return host;
    }

    private static async Task ReadAll(EventStore store) =>
        await store.Storage.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, IsBackwards: false, 100), default);

    private ScheduledNode Node(ArchiveFixture fixture, EventStore store, ArchiveScheduleOptions? options = null)
    {
        var monitor = new ArchiveMonitor(_time, null);
        var archive = new StoreArchive(store, fixture.Options, monitor);
        return new ScheduledNode(
            new ArchiveScheduler(
                () => archive,
                () => store,
                options ?? new ArchiveScheduleOptions { Schedule = "0 * * * *", InactiveFor = TimeSpan.FromDays(30) },
                monitor,
                _time,
                NullLogger<ArchiveScheduler>.Instance),
            monitor);
    }

    private static IHost Build(Action<MillraceBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddMillrace(configure);
        return builder.Build();
    }

    private sealed record ScheduledNode(ArchiveScheduler Scheduler, ArchiveMonitor Monitor) : IDisposable
    {
        public void Dispose()
        {
            Scheduler.Dispose();
            Monitor.Dispose();
        }
    }
}
