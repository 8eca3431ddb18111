using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Archive.Tests;

/// <summary>Tests that a killed archive run loses no event.</summary>
public sealed class KilledArchiverTests
{
    private const int Streams = 200;
    private const int EventsPerStream = 60;
    private const int MinMilliseconds = 300; // The start of the tool takes about this time.
    private const int MaxMilliseconds = 2_500;

    private static readonly int Kills = TestRun.IsLong ? 60 : 6;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    [Theory]
    [DatabaseKinds]
    public async Task A_run_that_is_killed_repeatedly_archives_each_event_once(StoreKind kind)
    {
        await using var fixture = await ArchiveFixture.Create(kind);
        await Fill(fixture.Store);
        var expected = await Read(fixture.Store);
        var random = new Random(17);

        var kills = 0;
        while (kills < Kills)
        {
            using var run = Start(fixture);
            if (!await KillAfter(run, TimeSpan.FromMilliseconds(random.Next(MinMilliseconds, MaxMilliseconds))))
                break; // Everything is archived.
            kills++;
            Assert.Equal(expected, await Read(fixture.Store));
            var check = await fixture.Archive.Check();
            Assert.True(check.IsSound, string.Join(" ", check.Problems));
            await ExpireLock(fixture.Store);
        }
        using (var last = Start(fixture))
        {
            await last.WaitForExitAsync().WaitAsync(Timeout);
            Assert.Equal(0, last.ExitCode);
        }

        Assert.True(kills > 0, "No run was killed.");
        await using var other = await fixture.Open();
        Assert.Equal(expected, await Read(other));
        Assert.Equal(Streams * EventsPerStream, (await fixture.Archive.Check()).Events);
        Assert.True((await other.Storage.Maintenance.Verify(null, default)).IsSound);
        await fixture.Archive.RestoreAll();
        Assert.Equal(0, await fixture.CountArchived());
        Assert.Equal(expected, await Read(fixture.Store));
    }

    private static async Task Fill(EventStore store)
    {
        for (var i = 0; i < Streams; i++)
        {
            await store.Append(
                new StreamId($"order-{i}"),
                ExpectedVersion.Any,
                [
                    .. Enumerable.Range(0, EventsPerStream).Select(number => NewEvent.FromBytes(
                        "order.changed",
                        System.Text.Encoding.UTF8.GetBytes($$"""{"order":{{i}},"number":{{number}}}"""))),
                ]);
        }
    }

    private static async Task<List<string>> Read(EventStore store)
    {
        var pages = store.Storage.Log.ReadPages(new LogPageQuery(EventFilter.All, 1, IsBackwards: false, 1_000));
        await using var _ = pages;
        var events = new List<string>();
        while (true)
        {
            var page = await pages.Next(default);
            events.AddRange(page.Events.Select(one =>
                $"{one.Position} {one.Stream} {one.Version} {System.Text.Encoding.UTF8.GetString(one.Payload.Span)}"));
            if (page.IsEnd)
                return events;
        }
    }

    private static Process Start(ArchiveFixture fixture)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var tool = Path.Combine(output.Parent!.Parent!.FullName, "Millrace.Cli", output.Name, "Millrace.Cli.dll");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                tool, "archive", "run", "--to", fixture.Place, "--streams", "order-*", "--segment-events", "100",
                "--store", fixture.Address,
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }

    /// <summary>Removes the lock of the killed run, which would expire after 10 seconds.</summary>
    private static async Task ExpireLock(EventStore store)
    {
        const string Locks = "locks";
        // A run that was killed early has not created the collection.
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition(Locks, []), default);
        await store.Commit(
            new CommitRequest { Documents = [new DocumentChange { Collection = Locks, Key = "$archive" }] },
            isBackground: false,
            default);
    }

    /// <summary>Kills a process after a delay. Returns false if it had already ended.</summary>
    private static async Task<bool> KillAfter(Process process, TimeSpan delay)
    {
        using var limit = new CancellationTokenSource(delay);
        await process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (process.HasExited)
            return false;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync().WaitAsync(Timeout);
        return true;
    }
}
