using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Millrace.Events;

namespace Millrace.Tests.Retention;

/// <summary>Tests the files of archived events.</summary>
public sealed class RetentionArchiveTests : IDisposable
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(31);

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-archive-").FullName;

    private string Archive => Path.Combine(_folder, "archive");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [StoreKinds]
    public async Task Archived_events_are_in_a_file_before_they_are_removed(StoreKind kind)
    {
        await using var sample = await Create(kind);
        await sample.Append("order-2", "order.placed", Old, """{"total":7}""");
        await sample.Append("order-1", "order.placed", Old, """{"total":20.50}""");
        await sample.Append("order-2", "order.paid", Old);
        await sample.Append("cart-1", "cart.opened", Old);
        var retention = Policies(sample);

        var run = await retention.Run("ann", "run-1");

        var archive = Assert.Single(Assert.Single(run.Results).Archives);
        Assert.Equal(("run-1-0001.jsonl.gz", 2L, 3L), (archive.File, archive.Streams, archive.Events));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(Archive, archive.File));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), archive.Sha256);
        Assert.Equal(bytes.Length, archive.Bytes);
        var lines = await ReadLines(archive.File);
        Assert.Equal(
            ["order-2 1 1", "order-1 1 2", "order-2 2 3"],
            lines.Select(line => $"{line.GetProperty("subject")} {line.GetProperty("millraceversion")} "
                + $"{line.GetProperty("millraceposition")}"));
        Assert.Equal("20.50", lines[1].GetProperty("data").GetProperty("total").GetRawText());
        Assert.Equal(["cart.opened", "retention.stream-removed", "retention.stream-removed"], await sample.LogTypes());
    }

    [Fact]
    public async Task Nothing_is_removed_if_the_directory_cannot_be_written()
    {
        await using var sample = await Create(StoreKind.Sqlite);
        await sample.Append("order-1", "order.placed", Old);
        await File.WriteAllTextAsync(Archive, "not a directory");

        var refused = await Assert.ThrowsAsync<RetentionRefusedException>(() => Policies(sample).Run("ann", "run-1"));

        Assert.Equal("category order: archive after 30 days", refused.Target);
        Assert.Contains("were not removed", refused.Reason, StringComparison.Ordinal);
        Assert.Equal([1], await sample.Versions("order-1"));
        File.Delete(Archive);
        Assert.Equal(1, await Policies(sample).Resume());
        Assert.Empty(await sample.Versions("order-1"));
        Assert.Equal(1, (await Policies(sample).Find("run-1"))!.Events);
    }

    [Theory]
    [InlineData("archive-written", 2)]
    [InlineData(RetentionEvents.Archived, 2)]
    [InlineData(RetentionEvents.Removed, 1)]
    public async Task A_run_that_was_interrupted_archives_again_and_overwrites_nothing(string step, int files)
    {
        await using var sample = await Create(StoreKind.Sqlite);
        await sample.Append("order-1", "order.placed", Old);
        await sample.Interrupt(step, () => Policies(sample).Run("ann", "run-1"));
        await sample.Restart();

        var run = await Policies(sample).Run("ann", "run-1");

        Assert.Equal((1, 1), (run.Streams, run.Events));
        Assert.Equal(files, Directory.GetFiles(Archive).Length);
        var last = Assert.Single(run.Results).Archives[^1];
        Assert.Equal("order-1", Assert.Single(await ReadLines(last.File)).GetProperty("subject").GetString());
        Assert.Empty(await sample.Versions("order-1"));
    }

    [Fact]
    public async Task A_large_stream_and_many_streams_are_archived_completely()
    {
        await using var sample = await Create(StoreKind.Sqlite);
        for (var i = 0; i < 120; i++)
            await sample.Append($"order-{i}", "order.placed", Old);
        var events = Enumerable.Range(0, 1_000)
            .Select(n => (object)NewEvent.FromBytes("order.changed", "{}"u8.ToArray())).ToArray();
        for (var i = 0; i < 21; i++)
            await sample.Store.Append(new AppendRequest { RecordedAt = sample.Now - Old }.To(
                new StreamId("order-big"), ExpectedVersion.Any, events));

        await Policies(sample).Run("ann", "run-1");

        var run = (await Policies(sample).Find("run-1"))!;
        var archives = Assert.Single(run.Results).Archives;
        Assert.Equal((121, 21_120), (run.Streams, run.Events));
        Assert.Equal((121, 21_120), (archives.Sum(file => file.Streams), archives.Sum(file => file.Events)));
        var lines = 0;
        foreach (var archive in archives)
            lines += (await ReadLines(archive.File)).Count;
        Assert.Equal(21_120, lines);
        // The last event does not repeat the files, because their number is not limited.
        var last = await sample.Store.ReadStream(new StreamId("$retention-run-1")).LastAsync();
        Assert.Equal(RetentionEvents.Completed, last.Type);
        Assert.DoesNotContain(
            archives[0].File, System.Text.Encoding.UTF8.GetString(last.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_all_events_that_are_removed_is_refused()
    {
        await using var sample = await Create(StoreKind.Sqlite);
        await sample.Append("order-1", "order.placed", Old);
        await sample.Append("visit-1", "visit.made", Old);
        await sample.Append("visit-1", "visit.ended", Old);
        RetentionService Both() => sample.Create(options =>
        {
            options.Category("order").ArchiveAfter();
            options.Category("visit").ArchiveAfter();
        });
        sample.AfterStep = step =>
        {
            if (step == RetentionEvents.Removed)
                sample.Store.Truncate(new StreamId("visit-1"), 2, "by hand").GetAwaiter().GetResult();
        };

        var refused = await Assert.ThrowsAsync<RetentionRefusedException>(() => Both().Run("ann", "run-1"));

        Assert.Contains("1 instead of 2 events of stream 'visit-1'", refused.Reason, StringComparison.Ordinal);
        Assert.Equal([2], await sample.Versions("visit-1"));
        Assert.Equal(["run-1-0001.jsonl.gz"], Directory.GetFiles(Archive).Select(Path.GetFileName));
        sample.AfterStep = null;
        Assert.Equal(1, await Both().Resume());
        Assert.Empty(await sample.Versions("visit-1"));
    }

    [Fact]
    public async Task Only_the_owner_can_read_an_archive_file()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var sample = await Create(StoreKind.Sqlite);
        sample.ArchiveDirectory = Path.Combine(Archive, "of", "orders");
        await sample.Append("order-1", "order.placed", Old);

        await Policies(sample).Run("ann", "run-1");

        var file = Assert.Single(Directory.GetFiles(sample.ArchiveDirectory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    private async Task<RetentionSample> Create(StoreKind kind)
    {
        var sample = await RetentionSample.Create(kind);
        sample.ArchiveDirectory = Archive;
        return sample;
    }

    private static RetentionService Policies(RetentionSample sample) =>
        sample.Create(options => options.Category("order").ArchiveAfter());

    private async Task<IReadOnlyList<JsonElement>> ReadLines(string file)
    {
        await using var content = new GZipStream(
            File.OpenRead(Path.Combine(Archive, file)), CompressionMode.Decompress);
        using var reader = new StreamReader(content);
        var lines = new List<JsonElement>();
        while (await reader.ReadLineAsync() is { } line)
            lines.Add(JsonDocument.Parse(line).RootElement);
        return lines;
    }
}
