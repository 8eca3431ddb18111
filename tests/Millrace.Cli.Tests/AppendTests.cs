using System.Text;

namespace Millrace.Cli.Tests;

public sealed class AppendTests : IDisposable
{
    private readonly Tool _tool = new();

    public static TheoryData<string, string> Hostile => new()
    {
        { "half a number", "[-" },
        { "an open string", "{\"a\":\"" },
        { "a lone surrogate", "\"\\uD800\"" },
        { "a duplicate name", "{\"a\":1,\"a\":2}" },
        { "a number too large", "[1e9999]" },
        { "an argument that looks like a file", "@/etc/passwd" },
        { "markup of the terminal library", "[red]not markup[/]" },
        { "only blanks", "  \n " },
        { "control characters", "\u001b[31mred\u0007" },
        { "right-to-left text", "\u202Egnp.exe" },
    };

    public void Dispose() => _tool.Dispose();

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Hostile_payloads_are_stored_unchanged_and_shown_safely(string description, string payload)
    {
        Assert.NotEmpty(description);
        await _tool.Append("odd-1", "odd.noted", payload, "--content-type", "text/plain");

        var raw = await _tool.RunOk("read", "odd-1", "--raw");
        var shown = await _tool.RunOk("read", "odd-1");
        var line = await _tool.RunOk("read", "odd-1", "--json");

        Assert.Equal(Encoding.UTF8.GetBytes(payload), raw.Bytes);
        Assert.DoesNotContain('\u001b', shown.Output);
        Assert.DoesNotContain('\u202e', shown.Output);
        Assert.Single(line.Lines);
        Assert.Equal("odd-1", line.Json.GetProperty("stream").GetString());
    }

    [Fact]
    public async Task A_payload_is_read_from_a_file_or_standard_input()
    {
        byte[] bytes = [0, 255, 10, 13, 34, 0xC3];
        await File.WriteAllBytesAsync(_tool.File("payload.bin"), bytes);
        string[] type =
        [
            "--type",
            "raw.kept",
            "--content-type",
            "application/octet-stream",
            "--create",
            "--store",
            "shop.db",
        ];

        await _tool.RunOk(["append", "raw-1", "--file", "payload.bin", .. type]);
        var piped = await _tool.RunWith(bytes, ["append", "raw-1", .. type]);
        var fromDash = await _tool.RunWith(bytes, ["append", "raw-1", "--file", "-", .. type]);
        var read = await _tool.RunOk("read", "raw-1", "--raw");

        Assert.Equal((0, 0), (piped.ExitCode, fromDash.ExitCode));
        Assert.Equal([.. bytes, .. bytes, .. bytes], read.Bytes);
    }

    [Fact]
    public async Task An_append_at_another_version_is_a_conflict_and_writes_nothing()
    {
        await _tool.Append("order-1", "order.noted", "1", "--expect", "none");

        var conflict = await _tool.Run(
            "append", "order-1", "--type", "order.noted", "--data", "2", "--expect", "none", "--json");
        var accepted = await _tool.Run(
            "append", "order-1", "--type", "order.noted", "--data", "2", "--expect", "1", "--json");

        Assert.Equal(4, conflict.ExitCode);
        Assert.Equal("versionConflict", conflict.ErrorJson.GetProperty("error").GetString());
        Assert.Equal(4, conflict.ErrorJson.GetProperty("exitCode").GetInt32());
        Assert.Equal(0, accepted.ExitCode);
        Assert.Equal(2, accepted.Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task An_event_that_is_appended_twice_with_one_id_is_written_once()
    {
        string[] id = ["--id", "0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4", "--json"];

        var first = await _tool.Append("order-1", "order.noted", "{}", id);
        var second = await _tool.Append("order-1", "order.noted", "{}", id);
        var found = await _tool.RunOk("find", "0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4", "--json");

        Assert.False(first.Json.GetProperty("wasRepeated").GetBoolean());
        Assert.True(second.Json.GetProperty("wasRepeated").GetBoolean());
        Assert.Equal(1, found.Json.GetProperty("version").GetInt64());
        Assert.Equal("1", (await _tool.RunOk("count")).Output.Trim());
    }

    [Fact]
    public async Task A_payload_that_is_too_large_is_refused_with_its_size()
    {
        string[] append = ["append", "big-1", "--type", "big.sent", "--create", "--store", "shop.db", "--json"];

        var run = await _tool.RunWith(new byte[1024 * 1024 + 1], append);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("limitExceeded", run.ErrorJson.GetProperty("error").GetString());
        Assert.Contains("1,048,577", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("0", (await _tool.RunOk("count")).Output.Trim());
    }

    [Theory]
    [InlineData("")]
    [InlineData("long")]
    [InlineData("type")]
    public async Task Invalid_stream_names_and_event_types_are_refused(string invalidPart)
    {
        var stream = invalidPart switch { "" => "", "long" => new string('ä', 257), _ => "order-1" };
        var type = invalidPart == "type" ? "has blank" : "order.noted";

        var run = await _tool.Run(
            "append", stream, "--type", type, "--data", "1", "--create", "--store", "shop.db", "--json");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("invalidName", run.ErrorJson.GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("order 42", 6)]
    [InlineData("order-42\n", 9)]
    [InlineData(" ", 1)]
    [InlineData("order-\u001b[31m", 7)]
    public async Task A_stream_with_a_space_in_its_name_is_created_only_on_request(string stream, int character)
    {
        string[] append = ["append", stream, "--type", "order.noted", "--data", "1", "--create", "--store", "shop.db"];

        var refused = await _tool.Run(append);
        var forced = await _tool.Run([.. append, "--any-name"]);
        var repeated = await _tool.Run(append);

        Assert.Equal((2, 0, 0), (refused.ExitCode, forced.ExitCode, repeated.ExitCode));
        Assert.Contains(
            $"at character {character}, and this stream does not exist", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--any-name", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', refused.Error);
    }

    [Fact]
    public async Task A_missing_store_is_not_created_by_mistake()
    {
        var run = await _tool.Run("append", "order-1", "--type", "order.noted", "--data", "1", "--store", "typo.db");

        Assert.Equal(5, run.ExitCode);
        Assert.False(File.Exists(_tool.File("typo.db")));
    }
}
