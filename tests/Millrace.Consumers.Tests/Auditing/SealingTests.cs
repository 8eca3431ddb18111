using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Auditing;
using Millrace.Auditing.Merkle;
using Millrace.Auditing.Sealing;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Auditing;

/// <summary>Tests of the consumers that seal the log and write anchors.</summary>
public sealed class SealingTests : IDisposable
{
    private readonly SealKeys _keys = new();
    private readonly List<SealSetup> _setups = [];

    public void Dispose()
    {
        foreach (var setup in _setups)
            setup.Dispose();
        _keys.Dispose();
    }

    [Theory]
    [StoreKinds]
    public async Task Events_are_sealed_and_anchored_while_they_are_appended_and_after_a_restart(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        for (var start = 0; start < 3; start++)
        {
            await using var node = await Start(shared.Open());
            for (var i = 0; i < 150; i++)
                await node.Append("ada", new Loaded("ada", i));
            await WaitForSeals(node);
        }

        var report = await Verify(shared);

        Assert.Equal([], report.Findings);
        Assert.True(report.SealedThrough >= 450, $"sealed through {report.SealedThrough}");
        Assert.Equal((report.Seals, report.SealedThrough), (report.Anchors, report.AnchoredThrough));
    }

    [Theory]
    [StoreKinds]
    public async Task Two_nodes_make_one_chain_without_gaps(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await Start(shared.Open()))
        await using (var second = await Start(shared.Open()))
        {
            await Task.WhenAll(Fill(first, "ada"), Fill(second, "eve"));
            await WaitForSeals(first);
        }

        var report = await Verify(shared);

        Assert.Equal([], report.Findings);
    }

    [Theory]
    [StoreKinds]
    public async Task A_node_that_dies_at_any_commit_is_continued_without_a_gap(StoreKind kind)
    {
        for (var commits = 1; commits <= 8; commits++)
        {
            using var shared = await SharedStore.Create(kind);
            File.Delete(_keys.Anchors); // Those of the store before.
            await using var other = await TestNode.Start(shared.Open());
            var remaining = commits;
            var storage = new FaultyStorage(shared.Open())
            {
                NextFault = () => Interlocked.Decrement(ref remaining) < 0
                    ? (commits % 2 == 0 ? CommitFault.InDoubt : CommitFault.Before)
                    : CommitFault.None,
            };
            await using (var dying = await Start(storage, TestNode.UseShortLease))
            {
                await Eventually.Get(
                    async () =>
                    {
                        await other.Append("ada", new Loaded("ada", 1));
                        return Volatile.Read(ref remaining);
                    },
                    static left => left < 0,
                    TestNode.WaitTimeout);
                storage.Disconnect();
                await using var next = await Start(shared.Open(), TestNode.UseShortLease);
                await other.Append("ada", new Loaded("ada", 20));
                await WaitForSeals(next);
            }

            var report = await Verify(shared);

            Assert.Equal([], report.Findings);
        }
    }

    [Fact]
    public async Task A_log_without_new_events_gets_no_further_seal()
    {
        var storage = new InMemoryStorage();
        await using var node = await Start(storage);
        await node.Append("ada", new Loaded("ada", 1));
        await WaitForSeals(node);
        var writer = await SealWriter.Open(node.Store, Signer(), 1, default);

        var seal = await writer.SealNext(default);

        Assert.Null(seal); // Only the event of the first seal is not sealed.
        Assert.Equal(1, writer.Last?.Number);
    }

    [Fact]
    public async Task Fewer_events_than_the_minimum_wait_for_more()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        await SealedLog.Append(store, 9);
        await SealedLog.Seal(store, Signer(), minEvents: 10);
        Assert.Null(await store.GetStream(SealStore.Stream));
        await SealedLog.Append(store, 1);

        await SealedLog.Seal(store, Signer(), minEvents: 10);

        Assert.Equal(1, (await store.GetStream(SealStore.Stream))?.Version);
        await SealedLog.WriteAnchors(store, _keys.Anchors);
        Assert.Equal([], (await new LogSeals(store).Verify(_keys.Evidence())).Findings);
    }

    [Fact]
    public async Task A_long_log_is_sealed_in_parts()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        var stream = new StreamId("ship-1");
        for (var i = 0; i < 70; i++)
            await store.Append(stream, ExpectedVersion.Any, [.. Enumerable.Range(0, 1_000).Select(SealedLog.Event)]);

        await SealedLog.Seal(store, Signer());

        var report = await new LogSeals(store).Verify(new SealEvidence());
        Assert.Equal([], report.Findings);
        Assert.Equal((2, 70_001), (report.Seals, report.SealedThrough)); // With the event of the first seal.
    }

    [Fact]
    public async Task A_high_minimum_does_not_stop_sealing()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
        var stream = new StreamId("ship-1");
        for (var i = 0; i < 66; i++)
            await store.Append(stream, ExpectedVersion.Any, [.. Enumerable.Range(0, 1_000).Select(SealedLog.Event)]);

        await SealedLog.Seal(store, Signer(), minEvents: 1_000_000);

        var state = await SealState.Read(store.Storage.Documents, default);
        Assert.Equal((1, SealWriter.MaxEvents), (state.Number, state.Size));
    }

    [Fact]
    public async Task After_the_clock_was_set_back_a_seal_is_due_without_a_wait()
    {
        var clock = new ManualClock();
        await using var store = await EventStore.Open(new InMemoryStorage(clock), EventTypeMap.Empty, time: clock);
        var processor = new SealProcessor(store, Signer(), _keys.Options(), NullLogger.Instance);
        await SealedLog.Append(store, 5);
        await processor.Prepare(default);
        await processor.Start(0, default);
        await processor.StartDue(static () => { }, default);
        clock.Advance(TimeSpan.FromDays(-1));

        await processor.Handle(await store.ReadLog(EventFilter.All).Take(1).ToListAsync(), null!, default);

        Assert.Equal(clock.GetUtcNow(), processor.NextDue);
    }

    [Theory]
    [InlineData("seals.made", true)]
    [InlineData("audit.recorded", true)]
    [InlineData("seals.counted", false)] // Types of applications that existed before seals.
    [InlineData("audit.started", false)]
    public void Only_the_names_of_seals_and_entries_are_reserved(string type, bool isReserved) =>
        Assert.Equal(isReserved, PlatformEvents.IsReserved(type));

    [Fact]
    public async Task Logs_of_any_size_and_with_any_removals_are_sound()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(seed);
            await using var store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);
            for (var round = 0; round < 6; round++)
            {
                await SealedLog.Append(store, random.Next(1, 300));
                if (random.Next(2) == 0)
                    await Remove(store, random);
                if (random.Next(3) > 0)
                    await SealedLog.Seal(store, Signer(), random.Next(1, 50));
            }
            await SealedLog.Seal(store, Signer());

            var report = await new LogSeals(store).Verify(new SealEvidence());

            Assert.True(report.IsSound, $"seed {seed}: {string.Join('\n', report.Findings)}");
        }
    }

    [Fact]
    public async Task Changed_hashes_stop_sealing_and_the_consumer_reports_it()
    {
        var storage = new InMemoryStorage();
        await using (var store = await EventStore.Open(storage, EventTypeMap.Empty))
        {
            await SealedLog.Append(store, 10);
            await SealedLog.Seal(store, Signer());
            var change = SealStore.ChangeOf(new TileKey(0, 0), [.. Enumerable.Repeat(default(Hash256), 10)]);
            await store.Commit(new CommitRequest { Documents = [change] }, isBackground: false, default);
        }

        await using var node = await Start(storage);

        var status = await node.WaitUntil(SealProcessor.ConsumerName, status => status.Problem is not null);
        Assert.Contains("do not have the root of seal 1", status.Problem!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anchors_are_written_in_order_when_their_folder_is_available_again()
    {
        var options = _keys.Options();
        options.AnchorFile = Path.Combine(_keys.Directory, "share", "anchors.jsonl");
        await using var node = await Start(new InMemoryStorage(), options: options);
        await node.Append("ada", new Loaded("ada", 1));
        var status = await node.WaitUntil(AnchorWriter.ConsumerName, status => status.Problem is not null);
        Assert.Contains("anchors.jsonl", status.Problem!.ToString(), StringComparison.Ordinal);
        await node.Append("ada", new Loaded("ada", 2));
        Directory.CreateDirectory(Path.Combine(_keys.Directory, "share"));

        await WaitForSeals(node, options.AnchorFile);

        var evidence = _keys.Evidence() with { AnchorFiles = [options.AnchorFile] };
        var report = await new LogSeals(node.Store).Verify(evidence);
        Assert.Equal([], report.Findings);
        Assert.Equal(report.SealedThrough, report.AnchoredThrough);
    }

    [Fact]
    public async Task A_line_that_a_killed_node_wrote_in_part_is_replaced_by_the_whole_line()
    {
        var storage = new InMemoryStorage();
        await using (var node = await Start(storage))
        {
            await node.Append("ada", new Loaded("ada", 1));
            await WaitForSeals(node);
        }
        var text = await File.ReadAllTextAsync(_keys.Anchors);
        await File.WriteAllTextAsync(_keys.Anchors, text[..^20]);
        await using (var node = await Start(storage))
        {
            await node.Append("ada", new Loaded("ada", 2));
            await WaitForSeals(node);
        }

        var lines = await File.ReadAllLinesAsync(_keys.Anchors);
        Assert.Single(lines); // The line of the second seal.
        await File.WriteAllLinesAsync(_keys.Anchors, [text[..^20], text.TrimEnd(), lines[0]]);
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        Assert.Equal([], (await new LogSeals(store).Verify(_keys.Evidence())).Findings);
    }

    [Fact]
    public async Task An_anchor_without_the_end_of_its_line_is_kept()
    {
        var storage = new InMemoryStorage();
        await using (var node = await Start(storage))
        {
            await node.Append("ada", new Loaded("ada", 1));
            await WaitForSeals(node);
        }
        var text = await File.ReadAllTextAsync(_keys.Anchors);
        await File.WriteAllTextAsync(_keys.Anchors, text.TrimEnd());
        await using (var node = await Start(storage))
        {
            await node.Append("ada", new Loaded("ada", 2));
            await WaitForSeals(node);
        }

        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        var report = await new LogSeals(store).Verify(_keys.Evidence());
        Assert.Equal((0, 2), (report.Findings.Count, report.Anchors));
    }

    [Fact]
    public async Task A_redirection_does_not_count_as_a_stored_anchor()
    {
        var port = FreePort();
        var options = _keys.Options();
        options.AnchorUrl = new Uri($"http://127.0.0.1:{port}/anchors");
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        await using var node = await Start(new InMemoryStorage(), options: options);
        await node.Append("ada", new Loaded("ada", 1));

        using (var redirected = (await listener.GetContextAsync()).Response)
            redirected.Redirect($"http://127.0.0.1:{port}/login");

        var status = await node.WaitUntil(AnchorWriter.ConsumerName, status => status.Problem is not null);
        Assert.Contains("status 302", status.Problem!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_failure_of_an_anchor_pauses_the_consumer()
    {
        var options = _keys.Options();
        options.AnchorFile = "anchors\0.jsonl"; // FileStream throws ArgumentException.
        await using var node = await Start(new InMemoryStorage(), options: options);
        await node.Append("ada", new Loaded("ada", 1));

        var status = await node.WaitUntil(AnchorWriter.ConsumerName, status => status.Problem is not null);

        Assert.Contains("the file", status.Problem!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_anchor_is_sent_again_until_the_receiver_stores_it()
    {
        var port = FreePort();
        var options = _keys.Options();
        options.AnchorUrl = new Uri($"http://127.0.0.1:{port}/anchors");
        options.AnchorTimeout = TimeSpan.FromSeconds(1);
        await using var node = await Start(new InMemoryStorage(), options: options);
        await node.Append("ada", new Loaded("ada", 1));
        await node.WaitUntil(AnchorWriter.ConsumerName, status => status.Problem is not null); // No receiver.
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        using (var refused = (await listener.GetContextAsync()).Response)
            refused.StatusCode = 503;

        var accepted = await listener.GetContextAsync();
        using var reader = new StreamReader(accepted.Request.InputStream);
        var anchor = await reader.ReadToEndAsync();
        accepted.Response.Close();

        Assert.Equal("application/json", accepted.Request.ContentType);
        Assert.True(SealJson.TryRead(Encoding.UTF8.GetBytes(anchor), out var seal));
        Assert.Equal(1, seal.Number);
        await node.WaitUntil(AnchorWriter.ConsumerName, status => status is { Problem: null, LagEvents: 0 });
        var lines = await File.ReadAllLinesAsync(_keys.Anchors);
        Assert.Equal(lines.Distinct(), lines); // No line for each attempt.
    }

    private SealSigner Signer() => SealSigner.Load(_keys.Key, null);

    private async Task<TestNode> Start(
        IStorage storage, Action<ConsumerOptions>? configure = null, SealOptions? options = null)
    {
        var setup = new SealSetup(options ?? _keys.Options());
        _setups.Add(setup);
        return await TestNode.Start(storage, host => setup.AddTo(host, host.Logger), configure);
    }

    /// <summary>Waits until all events but the last seal are sealed and anchored.</summary>
    private async Task WaitForSeals(TestNode node, string? anchors = null)
    {
        await Eventually.Get(
            async () =>
            {
                var state = await SealState.Read(node.Store.Storage.Documents, default);
                var head = await node.Store.Storage.Log.GetHead(default);
                var path = anchors ?? _keys.Anchors;
                var lines = File.Exists(path) ? await File.ReadAllLinesAsync(path) : [];
                var isAnchored = lines is [.., var last]
                    && SealJson.TryRead(Encoding.UTF8.GetBytes(last), out var anchor)
                    && anchor.Number == state.Number;
                return (state.Size, Head: head.Position, isAnchored);
            },
            progress => progress.Size == progress.Head - 1 && progress.isAnchored,
            TestNode.WaitTimeout);
    }

    private static async Task Fill(TestNode node, string ship)
    {
        for (var i = 0; i < 300; i++)
            await node.Append(ship, new Loaded(ship, i));
    }

    private static async Task Remove(EventStore store, Random random)
    {
        var stream = new StreamId($"ship-{random.Next(SealedLog.Streams)}");
        if (await store.GetStream(stream) is not { State: StreamState.Open } info)
            return;
        switch (random.Next(4))
        {
            case 0:
                await store.Delete(stream, ExpectedVersion.Any, "test");
                break;
            default:
                await store.Truncate(stream, random.Next(1, (int)info.Version + 1), "test");
                break;
        }
    }

    private async Task<SealReport> Verify(SharedStore shared)
    {
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        return await new LogSeals(store).Verify(_keys.Evidence());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
