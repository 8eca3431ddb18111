using System.Text;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests payloads that do not match their content type. New ones are refused, and stored ones are reported.
/// </summary>
public sealed class PayloadValidatorTests : IDisposable
{
    private const string Json = """{"note":"Größe 🙂"}""";

    private readonly Tool _tool = new();

    public static TheoryData<string> Encodings => ["utf-8", "utf-16", "utf-16BE", "utf-32", "utf-32BE"];

    public static TheoryData<string, byte[], string> Malformed => new()
    {
        { "application/json", "not json"u8.ToArray(), "invalid JSON literal" },
        { "application/json", "{\"a\":1} x"u8.ToArray(), "x" },
        { "application/json", "{\"a\":1}\0"u8.ToArray(), "0x00" },
        { "application/json", "{\"a\":1}{\"a\":2}"u8.ToArray(), "single" },
        { "application/json", "{\"a\":"u8.ToArray(), "" },
        { "application/json", "  \n "u8.ToArray(), "" },
        { "application/json", [], "empty" },
        { "application/json", [(byte)'"', 0xC3, (byte)'"'], "utf-8" },
        { "application/json", Encoding.Unicode.GetBytes(Json), "" }, // The text has no byte order mark.
        { "application/json", [0xFF, 0xFE, 0x7B], "utf-16" }, // The text ends within a character.
        { "application/json", "{\"a\":1,\"a\":2}"u8.ToArray(), "Duplicate" },
        { "application/vnd.shop+json; charset=utf-8", "<xml/>"u8.ToArray(), "<" },
        { "application/cbor", [0xa1, 0x61], "" },
        { "application/cbor", [0x01, 0x01], "" },
    };

    public void Dispose() => _tool.Dispose();

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task JSON_with_a_byte_order_mark_is_stored_in_UTF_8_without_it(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] bytes = [.. encoding.Preamble, .. encoding.GetBytes(Json)];
        await File.WriteAllBytesAsync(_tool.File("note.json"), bytes);

        await _tool.RunOk(["append", "note-1", "--file", "note.json", .. Event("application/json")]);
        var piped = await _tool.RunWith(bytes, ["append", "note-1", .. Event("application/json")]);
        await _tool.RunOk(["append", "note-1", "--data", "\uFEFF" + Json, .. Event("application/json")]);
        var read = await _tool.RunOk("read", "note-1", "--raw");

        Assert.Equal(0, piped.ExitCode);
        Assert.Equal(Json + Json + Json, Encoding.UTF8.GetString(read.Bytes));
        await _tool.RunOk("verify");
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_payload_that_is_not_its_content_type_is_refused(
        string contentType, byte[] payload, string reason)
    {
        await File.WriteAllBytesAsync(_tool.File("payload"), payload);

        var named = await _tool.Run(["append", "note-1", "--file", "payload", .. Event(contentType)]);
        var piped = await _tool.RunWith(payload, ["append", "note-1", .. Event(contentType)]);

        Assert.Equal((2, 2), (named.ExitCode, piped.ExitCode));
        Assert.Contains(reason, named.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("'payload' is not", named.Error, StringComparison.Ordinal);
        Assert.Contains("Standard input is not", piped.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_tool.Store));
    }

    [Fact]
    public async Task Bytes_of_any_other_content_type_are_stored_unchanged()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, 0xFF, 0];
        await File.WriteAllBytesAsync(_tool.File("payload"), bytes);

        await _tool.RunOk(["append", "note-1", "--file", "payload", .. Event("application/octet-stream")]);

        Assert.Equal(bytes, (await _tool.RunOk("read", "note-1", "--raw")).Bytes);
    }

    [Fact]
    public async Task Verify_reports_each_payload_that_cannot_be_read_with_its_position_and_reason()
    {
        await using (var store = await StoreFile.Open(_tool.Store))
        {
            NewEvent[] events =
            [
                NewEvent.FromBytes("a", "{}"u8.ToArray()),
                NewEvent.FromBytes("a", "\uFEFF{}"u8.ToArray()),
                NewEvent.FromBytes("a", "{} x"u8.ToArray(), "application/vnd.shop+json"),
                NewEvent.FromBytes("a", new byte[] { 0xa1, 0x61 }, EventContentType.Cbor),
                NewEvent.FromBytes("a", new byte[] { 0xff }, EventContentType.Binary),
                NewEvent.FromBytes("a", new byte[] { (byte)'"', 0xff, (byte)'"' }),
            ];
            await store.Append(new StreamId("odd-1"), ExpectedVersion.Any, events);
        }

        var verified = await _tool.Run("verify", "--json");
        var table = await _tool.Run("verify");
        var skipped = await _tool.Run("verify", "--skip-payloads");

        Assert.Equal((5, 5, 0), (verified.ExitCode, table.ExitCode, skipped.ExitCode));
        Assert.False(verified.Json.GetProperty("isSound").GetBoolean());
        var check = verified.Json.GetProperty("checks").EnumerateArray().Last();
        Assert.Equal((false, 6), (check.GetProperty("holds").GetBoolean(), check.GetProperty("examined").GetInt64()));
        var problems = check.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()!).ToList();
        Assert.Equal(4, problems.Count);
        Assert.Contains(
            "position 2, version 2 of stream 'odd-1', is not application/json: it starts with a byte order",
            problems[0]);
        Assert.Contains("position 3", problems[1]);
        Assert.Contains("application/cbor", problems[2]);
        Assert.Contains("position 6", problems[3]);
        Assert.Contains("BROKEN", table.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a-1","data_base64":"77u/e30="}""", "byte order "
        + "mark")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a-1","data_base64":"bm8="}""", "application/json")]
    [InlineData(
        """{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a-1","datacontenttype":"application/cbor","data":{}}""",
        "application/cbor")]
    public async Task An_import_refuses_a_payload_that_is_not_its_content_type_unless_an_option_allows_it(
        string line, string reason)
    {
        await File.WriteAllTextAsync(_tool.File("events.jsonl"), line);

        var refused = await _tool.Run("import", "events.jsonl", "--store", "shop.db", "--create", "--retime");
        var accepted = await _tool.Run(
            "import", "events.jsonl", "--store", "shop.db", "--create", "--retime", "--any-payload");

        Assert.Equal((1, 0), (refused.ExitCode, accepted.ExitCode));
        Assert.Contains(reason, refused.Error, StringComparison.Ordinal);
        Assert.Contains("--any-payload", refused.Error, StringComparison.Ordinal);
        Assert.Equal("1", (await _tool.RunOk("count")).Output.Trim());
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task An_event_file_may_have_a_UTF_8_byte_order_mark_and_is_refused_in_any_other_encoding(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        const string Line = """{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a-1","data":{}}""";
        await File.WriteAllBytesAsync(_tool.File("events.jsonl"), [.. encoding.Preamble, .. encoding.GetBytes(Line)]);

        var run = await _tool.Run("import", "events.jsonl", "--store", "shop.db", "--create", "--retime");

        Assert.Equal(name == "utf-8" ? 0 : 1, run.ExitCode);
        Assert.Equal(name != "utf-8", run.Error.Contains("not in UTF-8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_design_file_that_is_not_text_is_refused()
    {
        await File.WriteAllBytesAsync(_tool.File("shop.design"), [.. "application Shop \""u8, 0xFF, (byte)'"']);

        var run = await _tool.Run("design", "shop.design");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("is not text in utf-8", run.Error, StringComparison.Ordinal);
    }

    private static string[] Event(string contentType) =>
        ["--type", "note.taken", "--content-type", contentType, "--create", "--store", "shop.db"];
}
