using System.IO.Compression;
using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests the preview of the documents that a build would fold from the stored events.</summary>
public sealed class PreviewTests : IDisposable
{
    private const string Registered = """
        {"customer":"0192f0c1-2345-7890-abcd-ef0123456789","username":"ada","email":"ada@example.org",
        "occurredAt":"2026-01-01T00:00:00Z"}
        """;

    private readonly Tool _tool = new();

    private static string Shop => Tool.ProgramFile("Commerce");

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Changes_are_reported_with_exit_code_6_and_unreadable_events_with_exit_code_7()
    {
        await _tool.Append("note-1", "note.taken", "{}");
        var same = await _tool.RunOk("preview", "--build", Shop, "--json");
        await _tool.Append("customer-0192f0c1-2345-7890-abcd-ef0123456789", "customer.registered", Registered);
        var changed = await _tool.Run("preview", "--build", Shop, "--json");
        await _tool.Append("customer-2", "customer.registered", """{"customer":5}""");
        var unreadable = await _tool.Run("preview", "--build", Shop, "--json");
        var text = await _tool.Run("preview", "--build", Shop);
        var consumers = await _tool.RunOk("consumers", "--json");

        Assert.True(same.Json.GetProperty("isSame").GetBoolean());
        Assert.Equal(1, same.Json.GetProperty("unknownEvents").GetInt32());
        Assert.True(changed.ExitCode == 6, $"It ended with {changed.ExitCode}: {changed.Error}");
        var customers = Changed(changed);
        Assert.Equal(1, customers.GetProperty("comparison").GetProperty("added").GetInt32());
        Assert.Equal(JsonValueKind.Null, customers.GetProperty("live").ValueKind);
        Assert.Contains("ada@example.org", customers.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(7, unreadable.ExitCode);
        var first = unreadable.Json.GetProperty("unreadable")[0];
        Assert.Equal(
            ("customer.registered", 3),
            (first.GetProperty("type").GetString(), first.GetProperty("firstPosition").GetInt32()));
        Assert.Contains(
            "Cannot read 1 customer.registered, version 1, first at 3:", text.Output, StringComparison.Ordinal);
        Assert.Equal(0, consumers.Json.GetArrayLength());
    }

    [Theory]
    [InlineData("preview")]
    [InlineData("schema", "check")]
    public async Task A_command_that_only_reads_does_not_upgrade_a_store_of_an_older_schema(params string[] command)
    {
        var file = _tool.File("old.db");
        await using (var packed = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Stored", "version-1.db.gz")))
        {
            await using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
            await using var store = File.Create(file);
            await unpacked.CopyToAsync(store);
        }
        var before = await File.ReadAllBytesAsync(file);

        var run = await _tool.Run([.. command, "--build", Shop, "--store", file]);

        Assert.NotEqual(0, run.ExitCode);
        // A long name of the file wraps the line.
        Assert.Contains(
            "has schema version 1 and must be upgraded to version", run.Error.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task Options_out_of_their_range_are_refused()
    {
        await _tool.Append("note-1", "note.taken", "{}");

        var run = await _tool.Run("preview", "--build", Shop, "--sample", "0");

        Assert.Equal(2, run.ExitCode);
    }

    private static JsonElement Changed(ToolRun run) => run.Json.GetProperty("projections").EnumerateArray()
        .First(item => item.GetProperty("comparison").GetProperty("added").GetInt32() > 0);
}
