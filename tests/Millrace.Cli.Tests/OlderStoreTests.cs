using System.IO.Compression;

namespace Millrace.Cli.Tests;

/// <summary>Tests that only the upgrade command upgrades a store of an older version.</summary>
public sealed class OlderStoreTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("streams")]
    [InlineData("info")]
    [InlineData("export")]
    [InlineData("verify")]
    [InlineData("append", "order-1", "--type", "order.noted", "--data", "{}", "--create")]
    [InlineData("import", "nothing.jsonl", "--dry-run")]
    [InlineData("move", "shop.db", "copy.db")]
    [InlineData("move", "shop.db", "copy.db", "--dry-run")]
    public async Task Every_other_command_refuses_the_older_store_and_does_not_change_it(params string[] command)
    {
        await File.WriteAllTextAsync(_tool.File("nothing.jsonl"), "");
        var before = await Unpack();

        var run = await _tool.Run([.. command, "--json"]);

        Assert.Equal(5, run.ExitCode);
        Assert.Contains("has schema version 1 and must be upgraded", run.ErrorJson.GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.Contains("millrace upgrade", run.ErrorJson.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_tool.Store));
    }

    [Fact]
    public async Task The_doctor_reports_the_older_store_and_does_not_change_it()
    {
        var before = await Unpack();

        var run = await _tool.Run("doctor", "--json");

        var finding = run.Json.GetProperty("findings").EnumerateArray().Single(
            item => item.GetProperty("check").GetString() == "schema-version");
        Assert.Equal("warning", finding.GetProperty("severity").GetString());
        Assert.Contains("millrace upgrade", finding.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_tool.Store));
    }

    [Fact]
    public async Task An_upgraded_store_works_like_any_other()
    {
        await Unpack();

        var first = await _tool.RunOk("upgrade", "--json");
        var second = await _tool.RunOk("upgrade");

        Assert.True(first.Json.GetProperty("schemaVersion").GetInt32() > 1);
        Assert.Contains("with schema version", second.Output, StringComparison.Ordinal);
        Assert.NotEmpty((await _tool.RunOk("streams", "--json")).Lines);
        Assert.True((await _tool.RunOk("verify", "--json")).Json.GetProperty("isSound").GetBoolean());
    }

    private async Task<byte[]> Unpack()
    {
        await using (var packed = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Stored", "version-1.db.gz")))
        {
            await using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
            await using var store = File.Create(_tool.Store);
            await unpacked.CopyToAsync(store);
        }
        return await File.ReadAllBytesAsync(_tool.Store);
    }
}
