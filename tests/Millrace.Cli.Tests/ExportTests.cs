using System.IO.Compression;
using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>Tests that an export followed by an import reproduces the store.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_line_is_a_CloudEvent_with_all_data_of_the_event()
    {
        await _tool.Append(
            "order-42", "order.placed", """{"total":20.50}""", "--tag", "customer:17850", "--user", "ada",
            "--schema-version", "2",
            "--correlation", "0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4");

        var line = (await _tool.RunOk("export")).Json;

        Assert.Equal("1.0", line.GetProperty("specversion").GetString());
        Assert.Equal("order-42", line.GetProperty("subject").GetString());
        Assert.Equal("order.placed", line.GetProperty("type").GetString());
        Assert.Equal("millrace-cli", line.GetProperty("source").GetString());
        Assert.Equal("application/json", line.GetProperty("datacontenttype").GetString());
        Assert.Equal("1", line.GetProperty("millraceversion").GetString());
        Assert.Equal(2, line.GetProperty("millraceschema").GetInt32());
        Assert.Equal("""["customer:17850"]""", line.GetProperty("millracetags").GetString());
        Assert.Equal("""{"user":"ada"}""", line.GetProperty("millracemetadata").GetString());
        Assert.Equal("""{"total":20.50}""", line.GetProperty("data").GetRawText());
        Assert.All(line.EnumerateObject(), member => Assert.Matches("^([a-z0-9]{1,20}|data_base64)$", member.Name));
    }

    [Fact]
    public async Task An_imported_export_has_the_same_ids_versions_times_and_removals()
    {
        await FillShop();

        await _tool.RunOk("export", "all.jsonl.gz");
        var imported = await _tool.RunOk(
            "import", "all.jsonl.gz", "--store", "copy.db", "--create", "--json", "--any-payload");

        Assert.Equal((7, 0, 2), Counts(imported));
        var replayed = await _tool.RunOk("replay", "--store", "copy.db");
        Assert.Equal((await _tool.RunOk("replay", "--store", "shop.db")).Output, replayed.Output);
        Assert.Equal((await _tool.RunOk("streams", "--json", "--store", "shop.db")).Output,
            (await _tool.RunOk("streams", "--json", "--store", "copy.db")).Output);
        var verified = await _tool.RunOk("verify", "--json", "--skip-payloads", "--store", "copy.db");
        Assert.True(verified.Json.GetProperty("isSound").GetBoolean());
        Assert.Equal(
            7,
            new StreamReader(new GZipStream(File.OpenRead(_tool.File("all.jsonl.gz")), CompressionMode.Decompress))
                .ReadToEnd()
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Count(line => !line.Contains("millracerecord", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_export_does_not_touch_the_unfinished_file_of_another_export()
    {
        await _tool.Append("order-1", "order.placed", "{}");
        var part = _tool.File("all.jsonl.part");
        using (var other = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            var refused = await _tool.Run("export", "all.jsonl");

            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("all.jsonl.part' cannot be written", refused.Error, StringComparison.Ordinal);
            Assert.Contains("Another export", refused.Error, StringComparison.Ordinal);
            Assert.True(File.Exists(part));
        }
        await File.WriteAllTextAsync(part, "somebody's");
        var repeated = await _tool.Run("export", "all.jsonl"); // The tool cannot know which process wrote the file.

        Assert.Equal((1, "somebody's"), (repeated.ExitCode, await File.ReadAllTextAsync(part)));
        Assert.Contains("delete the file", repeated.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        File.Delete(part);
        await _tool.RunOk("export", "all.jsonl");
        Assert.Equal((true, false), (File.Exists(_tool.File("all.jsonl")), File.Exists(part)));
    }

    [Fact]
    public async Task A_repeated_or_interrupted_export_continues_at_its_position()
    {
        await FillShop();
        await _tool.RunOk("export", "all.jsonl");
        var lines = await File.ReadAllLinesAsync(_tool.File("all.jsonl"));
        await File.WriteAllTextAsync(_tool.File("part.jsonl"), string.Join('\n', lines[..3]) + "\n" + lines[3][..40]);

        var part = await _tool.Run("import", "part.jsonl", "--store", "copy.db", "--create", "--any-payload");
        var count = await _tool.RunOk("count", "--store", "copy.db");
        var rest = await _tool.RunOk("import", "all.jsonl", "--store", "copy.db", "--json", "--any-payload");
        var again = await _tool.RunOk("import", "all.jsonl", "--store", "copy.db", "--json", "--any-payload");

        Assert.Equal(1, part.ExitCode);
        Assert.Contains(
            "Line 4: the file is truncated: it ends in the middle of this event", part.Error, StringComparison.Ordinal);
        Assert.Equal(0, int.Parse(count.Output.Trim(), System.Globalization.CultureInfo.InvariantCulture) % 3);
        Assert.Equal(7, Counts(rest).Imported + Counts(rest).Skipped);
        Assert.Equal((0, 9, 0), Counts(again));
        Assert.Equal(
            (await _tool.RunOk("replay", "--store", "shop.db")).Output,
            (await _tool.RunOk("replay", "--store", "copy.db")).Output);
    }

    [Fact]
    public async Task A_truncated_stream_can_only_be_renumbered()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            object[] events = [StoreFile.Event("a", "1"), StoreFile.Event("b", "2"), StoreFile.Event("c", "3")];
            await store.Append(new StreamId("order-1"), ExpectedVersion.Any, events);
            await store.Truncate(new StreamId("order-1"), before: 3, "the law asks for it", "Ada");
        }

        var exported = await _tool.RunOk("export", "all.jsonl");
        var strict = await _tool.Run("import", "all.jsonl", "--store", "copy.db", "--create", "--json");
        var renumbered = await _tool.RunOk(
            "import", "all.jsonl", "--store", "copy.db", "--create", "--renumber", "--json");

        Assert.Contains("2 events were removed intentionally", exported.Error, StringComparison.Ordinal);
        Assert.Equal(4, strict.ExitCode);
        Assert.StartsWith("Line 1: ", strict.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("--renumber", strict.ErrorJson.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), Counts(renumbered));
    }

    [Fact]
    public async Task Filters_select_the_exported_events_and_no_file_is_overwritten()
    {
        await FillShop();

        var some = await _tool.RunOk("export", "--type", "order.placed", "--stream", "order-1");
        await _tool.RunOk("export", "some.jsonl", "--after", "5", "--json");
        var again = await _tool.Run("export", "some.jsonl");

        Assert.Single(some.Lines);
        Assert.Equal(2, File.ReadAllLines(_tool.File("some.jsonl")).Length);
        Assert.Equal(1, again.ExitCode);
        Assert.Empty(Directory.GetFiles(_tool.Directory, "*.part"));
    }

    /// <summary>
    /// Appends seven events with payloads of all kinds. One stream is deleted and restarted, and another is closed.
    /// </summary>
    private async Task FillShop()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        var (one, deleted, closed) = (new StreamId("order-1"), new StreamId("cart-ü 7"), new StreamId("order-3"));
        await store.Append(
            one,
            ExpectedVersion.NoStream,
            [StoreFile.Event("order.placed", "{\"a\":1,\n \"a\":2.50}", "customer:1")]);
        await store.Append(
            deleted,
            ExpectedVersion.NoStream,
            [NewEvent.FromBytes("raw.kept", new byte[] { 0, 255, 10 }, "application/cbor")]);
        await store.Append(
            one,
            ExpectedVersion.Exactly(1),
            [StoreFile.Event("order.paid", "null") with { Metadata = Metadata }]);
        await store.Delete(deleted, ExpectedVersion.Exactly(1), "the customer left", "Ada");
        await store.Append(closed, ExpectedVersion.NoStream, [StoreFile.Event("order.noted", "[-")]);
        await store.Append(
            deleted,
            ExpectedVersion.NoStream,
            [NewEvent.FromBytes("raw.kept", Encoding.UTF8.GetBytes("text"), "text/plain")]);
        await store.Append(
            one,
            ExpectedVersion.Exactly(2),
            [StoreFile.Event("order.shipped", " 1 "), StoreFile.Event("order.closed", "")]);
        await store.Tombstone(closed, ExpectedVersion.Exactly(1), "a test");
    }

    private static EventMetadata Metadata => new()
    {
        Source = "shop floor \u001b",
        UserId = "ada",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Encryption = new EncryptionInfo("AES-256-GCM", "key-1", ["$.name"]),
        ReadableBy = 1,
        Extensions = EventMetadata.Empty.Extensions.Add("note", "\"quoted\""),
    };

    private static (long Imported, long Skipped, long Removals) Counts(ToolRun run) =>
        (run.Json.GetProperty("imported").GetInt64(), run.Json.GetProperty("skipped").GetInt64(),
            run.Json.GetProperty("removals").GetInt64());
}
