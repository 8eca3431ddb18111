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
        { "two names alike", "{\"a\":1,\"a\":2}" },
        { "a number too large", "[1e9999]" },
        { "an argument that looks like a file", "@/etc/passwd" },
        { "markup of the terminal's library", "[red]not markup[/]" },
        { "nothing but blanks", "  \n " },
        { "control characters", "\u001b[31mred\u0007" },
        { "text that runs the other way", "\u202Egnp.exe" },
    };

    public void Dispose() => _tool.Dispose();

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Bytes_are_kept_as_they_are(string what, string payload)
    {
        Assert.NotEmpty(what);
        await _tool.Append("odd-1", "odd.noted", payload, "--content-type", "text/plain");

        var raw = await _tool.Done("read", "odd-1", "--raw");
        var shown = await _tool.Done("read", "odd-1");
        var line = await _tool.Done("read", "odd-1", "--json");

        Assert.Equal(Encoding.UTF8.GetBytes(payload), raw.Bytes);
        Assert.DoesNotContain('\u001b', shown.Output);
        Assert.DoesNotContain('\u202e', shown.Output);
        Assert.Single(line.Lines);
        Assert.Equal("odd-1", line.Json.GetProperty("stream").GetString());
    }

    [Fact]
    public async Task A_payload_comes_from_a_file_or_standard_input()
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

        await _tool.Done(["append", "raw-1", "--file", "payload.bin", .. type]);
        var piped = await _tool.RunWith(bytes, ["append", "raw-1", .. type]);
        var dashed = await _tool.RunWith(bytes, ["append", "raw-1", "--file", "-", .. type]);
        var read = await _tool.Done("read", "raw-1", "--raw");

        Assert.Equal((0, 0), (piped.ExitCode, dashed.ExitCode));
        Assert.Equal([.. bytes, .. bytes, .. bytes], read.Bytes);
    }

    [Fact]
    public async Task Another_version_is_a_conflict_that_changes_nothing()
    {
        await _tool.Append("order-1", "order.noted", "1", "--expect", "none");

        var again = await _tool.Run(
            "append", "order-1", "--type", "order.noted", "--data", "2", "--expect", "none", "--json");
        var right = await _tool.Run(
            "append", "order-1", "--type", "order.noted", "--data", "2", "--expect", "1", "--json");

        Assert.Equal(4, again.ExitCode);
        Assert.Equal("versionConflict", again.ErrorJson.GetProperty("error").GetString());
        Assert.Equal(4, again.ErrorJson.GetProperty("exitCode").GetInt32());
        Assert.Equal(0, right.ExitCode);
        Assert.Equal(2, right.Json.GetProperty("version").GetInt64());
    }

    [Fact]
    public async Task An_event_repeated_with_its_id_is_written_once()
    {
        string[] id = ["--id", "0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4", "--json"];

        var first = await _tool.Append("order-1", "order.noted", "{}", id);
        var second = await _tool.Append("order-1", "order.noted", "{}", id);
        var found = await _tool.Done("find", "0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4", "--json");

        Assert.False(first.Json.GetProperty("wasRepeated").GetBoolean());
        Assert.True(second.Json.GetProperty("wasRepeated").GetBoolean());
        Assert.Equal(1, found.Json.GetProperty("version").GetInt64());
        Assert.Equal("1", (await _tool.Done("count")).Output.Trim());
    }

    [Fact]
    public async Task What_is_too_large_is_refused_with_its_limit()
    {
        string[] append = ["append", "big-1", "--type", "big.sent", "--create", "--store", "shop.db", "--json"];

        var run = await _tool.RunWith(new byte[1024 * 1024 + 1], append);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("limitExceeded", run.ErrorJson.GetProperty("error").GetString());
        Assert.Contains("1,048,577", run.ErrorJson.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("0", (await _tool.Done("count")).Output.Trim());
    }

    [Theory]
    [InlineData("")]
    [InlineData("long")]
    [InlineData("type")]
    public async Task Names_that_are_not_allowed_are_refused(string which)
    {
        var stream = which switch { "" => "", "long" => new string('ä', 257), _ => "order-1" };
        var type = which == "type" ? "has blank" : "order.noted";

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
    public async Task A_stream_with_a_blank_in_its_name_is_not_started_by_mistake(string stream, int place)
    {
        string[] append = ["append", stream, "--type", "order.noted", "--data", "1", "--create", "--store", "shop.db"];

        var slip = await _tool.Run(append);
        var meant = await _tool.Run([.. append, "--any-name"]);
        var more = await _tool.Run(append);

        Assert.Equal((2, 0, 0), (slip.ExitCode, meant.ExitCode, more.ExitCode));
        Assert.Contains($"at its place {place}, and there is no such stream", slip.Error, StringComparison.Ordinal);
        Assert.Contains("--any-name", slip.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', slip.Error);
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_not_made_by_mistake()
    {
        var run = await _tool.Run("append", "order-1", "--type", "order.noted", "--data", "1", "--store", "typo.db");

        Assert.Equal(5, run.ExitCode);
        Assert.False(File.Exists(_tool.File("typo.db")));
    }
}
