using System.Globalization;

namespace Millrace.Sqlite.Tests;

public sealed class SeveralProgramsTests : IDisposable
{
    private const int Rounds = 30;
    private const int EventsPerRound = 15;
    private const int QuietWindows = 24;
    private const double QuietShare = 0.01;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Concurrent_programs_leave_no_gap_and_lose_no_event()
    {
        var path = _directory["shop.db"];
        await using (await TestData.Open(path))
        {
        }
        using var first = await Peer.Start("append", path, "8", "50");
        using var second = await Peer.Start("append", path, "8", "50");
        var lines = (await Task.WhenAll(first.ReadToEnd(), second.ReadToEnd())).SelectMany(some => some).ToList();

        await using var storage = await TestData.Open(path);
        var log = await storage.ReadAll();

        Assert.Empty(Peer.Problems(lines));
        Assert.Equal(800, log.Count);
        Assert.Equal(
            log.Select(item => (item.Stream.Value, item.Version, item.Position, item.Id)).ToHashSet(),
            Peer.Acknowledged(lines).ToHashSet());
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [EnvironmentFact(MachineRequirement.SystemLibrary)]
    public async Task Programs_with_different_libraries_of_SQLite_share_a_file()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        using var peer = await Peer.StartWithLibrary(EnvironmentFactAttribute.SystemLibrary, "append", path, "4", "20");
        for (var i = 0; i < 20; i++)
            await storage.Commit(TestData.Append("shared-1", TestData.Event()));
        var lines = await peer.ReadToEnd();

        var log = await storage.ReadAll();

        Assert.Equal(80, Peer.Acknowledged(lines).Count());
        Assert.Equal(100, log.Count);
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task A_program_sees_events_of_another_within_200_ms()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        using var peer = await Peer.Start("follow", path);
        var medians = new List<double>();

        // Other tests can delay single events or a whole round, but not the median of every round.
        for (var round = 0; round < Rounds && medians.All(median => median >= 200); round++)
            medians.Add(await MedianDelay(storage, peer, round * EventsPerRound));

        Assert.True(
            medians.Min() < 200, $"Seen after {string.Join(", ", medians.Select(median => $"{median:F0}"))} ms.");
    }

    [Fact]
    public async Task A_waiting_program_uses_almost_no_processor_time()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        using var peer = await Peer.Start("follow", path);
        await storage.Commit(TestData.Append("order-1", TestData.Event()));
        await peer.ReadLine(); // From here on, the program has executed all its code once.

        var shares = new List<double>();
        // On a busy machine, the same few wake-ups need more time. One quiet window shows the time of the program.
        for (var i = 0; i < QuietWindows && shares.All(share => share >= QuietShare); i++)
        {
            var (before, started) = (peer.ProcessorTime, TimeProvider.System.GetTimestamp());
            // Five seconds without any event.
            await storage.Log.WaitForChange(await storage.Log.GetHead(TestData.Cancel), TestData.Cancel);
            shares.Add((peer.ProcessorTime - before) / TimeProvider.System.GetElapsedTime(started));
        }

        Assert.True(
            shares.Min() < QuietShare,
            $"The program used {string.Join(", ", shares.Select(share => $"{share:P2}"))} of a processor.");
    }

    /// <summary>Returns the median of the milliseconds from a commit until the other program sees the event.</summary>
    private static async Task<double> MedianDelay(SqliteStorage storage, Peer peer, int before)
    {
        var delays = new List<double>();
        for (var i = 1; i <= EventsPerRound; i++)
        {
            await storage.Commit(TestData.Append("order-1", TestData.Event()));
            var written = TimeProvider.System.GetUtcNow();
            var seen = (await peer.ReadLine())!.Split(' ');
            Assert.Equal((before + i).ToString(CultureInfo.InvariantCulture), seen[1]);
            delays.Add(
                (
                    new DateTimeOffset(long.Parse(seen[2], CultureInfo.InvariantCulture), TimeSpan.Zero) - written
                ).TotalMilliseconds);
        }
        return delays.Order().ElementAt(delays.Count / 2);
    }
}
