using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>Tests the import of CloudEvents of other producers and of damaged files.</summary>
public sealed class ImportTests : IDisposable
{
    private const string Till = "{\"specversion\":\"1.0\",\"source\":\"/till/7\",";

    private const string Foreign =
        Till + "\"id\":\"A-1\",\"type\":\"sale.made\",\"subject\":\"S1\",\"time\":\"2020-02-01T10:00:00Z\","
            + "\"region\":\"north\",\"isopen\":true,\"data\":{\"sum\":1}}\n"
        + Till + "\"id\":\"A-2\",\"type\":\"sale.noted\",\"subject\":\"S1\",\"time\":\"2020-02-01T10:00:01+01:00\","
            + "\"datacontenttype\":\"text/plain\","
        + "\"data\":\"täglich\"}\n"
        + Till
        + "\"id\":\"A-3\",\"type\":\"sale.seen\",\"subject\":\"S2\",\"datacontenttype\":\"image/png\","
        + "\"data_base64\":\"iVBORw==\"}";

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task CloudEvents_of_other_producers_are_imported_with_all_their_attributes()
    {
        var strict = await Import(Foreign, "--stream-prefix", "sale-");
        var run = await Import(Foreign, "--stream-prefix", "sale-", "--retime");
        var again = await Import(Foreign, "--stream-prefix", "sale-", "--retime", "--json");
        var read = await _tool.RunOk("read", "sale-S1", "--json");
        var first = System.Text.Json.JsonDocument.Parse(read.Lines[0]).RootElement;

        // The second event is older than the first, so the log cannot record both times.
        Assert.Equal(4, strict.ExitCode);
        Assert.Contains(
            "Line 2: The time 2020-02-01T09:00:01.0000000Z cannot be recorded", strict.Error, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, again.Json.GetProperty("skipped").GetInt64());
        Assert.Equal("/till/7", first.GetProperty("source").GetString());
        Assert.Equal("A-1", first.GetProperty("metadata").GetProperty("more").GetProperty("id").GetString());
        Assert.Equal("north", first.GetProperty("metadata").GetProperty("more").GetProperty("region").GetString());
        Assert.Equal("täglich", (await _tool.RunOk("read", "sale-S1", "--from", "2", "--raw")).Output);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], (await _tool.RunOk("read", "sale-S2", "--raw")).Bytes);
    }

    [Fact]
    public async Task Encrypted_events_are_not_imported_into_other_streams()
    {
        const string encrypted =
            "{\"specversion\":\"1.0\",\"source\":\"/shop\",\"id\":\"0194b1c0-8a3e-7000-8000-0000000000ab\","
            + "\"type\":\"customer.registered\",\"subject\":\"customer-1\",\"millraceversion\":\"1\","
            + "\"millracemetadata\":\"{\\\"encryption\\\":{\\\"algorithm\\\":\\\"AES-256-GCM;millrace=1\\\","
            + "\\\"key\\\":\\\"k\\\",\\\"fields\\\":[\\\"/email\\\"]}}\",\"data\":{\"email\":\"~enc1.k\"}}";

        var moved = await Import(encrypted, "--stream-prefix", "old-", "--retime");
        var same = await Import(encrypted, "--retime");

        Assert.Equal(1, moved.ExitCode);
        Assert.Contains("do not decrypt in another stream", moved.Error, StringComparison.Ordinal);
        Assert.Equal(0, same.ExitCode);
    }

    [Fact]
    public async Task Streams_are_named_by_the_selected_attribute()
    {
        var run = await Import(Foreign, "--stream-from", "source", "--retime");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, (await _tool.RunOk("read", "/till/7", "--json")).Lines.Length);
    }

    [Fact]
    public async Task A_JSON_array_of_events_is_read_like_lines()
    {
        var run = await Import("\uFEFF[\n" + string.Join(",\n", Foreign.Split('\n')) + "\n]\n", "--retime", "--json");

        Assert.Equal(3, run.Json.GetProperty("imported").GetInt64());
    }

    [Fact]
    public async Task A_dry_run_reports_the_same_errors_as_an_import_and_writes_nothing()
    {
        var good = await Import(Foreign, "--retime", "--dry-run", "--json");
        var bad = await Import(
            Foreign + "\n" + Foreign.Split('\n')[0].Replace("sale.made", "sale made", StringComparison.Ordinal),
            "--retime",
            "--dry-run");
        var late = await Import(Foreign, "--dry-run");

        Assert.Equal(3, good.Json.GetProperty("imported").GetInt64());
        Assert.True(good.Json.GetProperty("isDryRun").GetBoolean());
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("Line 4: ", bad.Error, StringComparison.Ordinal);
        Assert.Equal(4, late.ExitCode);
        Assert.False(File.Exists(_tool.Store));
    }

    [Theory]
    [InlineData("garbage", "Line 1: a JSON object was expected here.")]
    [InlineData("\n\n{\"specversion\":\"1.0\",", "Line 3: the file is truncated: it ends in the middle of this event")]
    [InlineData("{\"specversion\":\"0.3\"}", "Line 1: this is not a CloudEvent of version 1.0")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"type\":\"t\"}",
        "the attribute 'subject', which names the stream, is missing")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"subject\":\"s\",\"type\":\"t\"}",
        "the required attribute 'source' is missing")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"subject\":\"s\",\"type\":\"t\",\"time\":\"soon\"}",
        "not a time")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"subject\":\"s\",\"type\":\"t\","
            + "\"data_base64\":\"?\"}",
        "Line 1: ")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"id\":\"2\",\"source\":\"/a\",\"subject\":\"s\",\"type\":\"t\"}",
        "'id' is specified twice")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"subject\":\"s\",\"type\":\"t\","
            + "\"time\":\"2999-01-01T00:00:00Z\"}",
        "in the future")]
    [InlineData("{\"specversion\":\"1.0\" \"id\"}", "Line 1: ")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"subject\":\"s\",\"type\":\"t\","
            + "\"millraceschema\":99999999999}",
        "Line 1: 'millraceschema' is not a number from 1 to 2147483647.")]
    [InlineData(
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/a\",\"subject\":\"s\",\"type\":\"t\",\"data\":1,"
            + "\"data\":2}",
        "Line 1: 'data' is specified twice.")]
    public async Task Errors_in_the_file_are_reported_with_their_line(string file, string expected)
    {
        var run = await Import(file);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_compressed_file_is_reported()
    {
        await Import(Foreign, "--retime");
        await _tool.RunOk("export", "all.jsonl.gz");
        var bytes = await File.ReadAllBytesAsync(_tool.File("all.jsonl.gz"));
        bytes.AsSpan(30, 20).Reverse();
        await File.WriteAllBytesAsync(_tool.File("all.jsonl.gz"), bytes);

        var run = await _tool.Run("import", "all.jsonl.gz", "--store", "other.db", "--create");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Line ", run.Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> Import(string file, params string[] options) =>
        _tool.RunWith(Encoding.UTF8.GetBytes(file), ["import", "--store", "shop.db", "--create", .. options]);
}
