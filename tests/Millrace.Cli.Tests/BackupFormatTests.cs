using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the documented script, which does not use Millrace, reads the events of a backup.</summary>
public sealed class BackupFormatTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [ShellFact("python3")]
    public async Task The_documented_script_reads_the_events_of_a_backup()
    {
        await Append(1);
        await _tool.RunOk("backup", "backups/");
        await Append(2);
        await _tool.RunOk("backup", "backups/");

        var (code, output) = await RunScript();

        Assert.True(code == 0, output);
        var stored = (await _tool.RunOk("replay", "--json")).Lines.Select(Parse).ToList();
        var read = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToList();
        Assert.Equal(4, read.Count);
        foreach (var (expected, actual) in stored.Zip(read))
        {
            foreach (var member in new[] { "position", "stream", "version", "id", "type", "contentType" })
                Assert.Equal($"{expected.GetProperty(member)}", $"{actual.GetProperty(member)}");
            Assert.True(JsonElement.DeepEquals(expected.GetProperty("tags"), actual.GetProperty("tags")));
            var time = DateTimeOffset.UnixEpoch.AddMicroseconds(actual.GetProperty("microseconds").GetInt64());
            Assert.Equal(expected.GetProperty("timestamp").GetDateTimeOffset(), time);
            var data = Encoding.UTF8.GetString(actual.GetProperty("data").GetBytesFromBase64());
            Assert.Equal(expected.GetProperty("data").GetRawText(), data);
            Assert.Equal($"{expected.GetProperty("correlationId")}", $"{actual.GetProperty("correlationId")}");
        }
    }

    private async Task Append(int number)
    {
        await using var store = await StoreFile.Open(_tool.Store);
        var correlation = Guid.NewGuid();
        await store.Append(
            new StreamId("straße-1"),
            ExpectedVersion.Any,
            [
                StoreFile.Event("order.noted", $"{number}", "customer:17850") with { CorrelationId = correlation },
                StoreFile.Event("order.noted", "\"ä\"", "a:b", "c:d") with { CorrelationId = correlation },
            ]);
    }

    private async Task<(int Code, string Output)> RunScript()
    {
        var page = await File.ReadAllTextAsync(RepositoryRoot.PathOf("docs", "reference", "backup-format.md"));
        var start = page.IndexOf("```python\n", StringComparison.Ordinal) + "```python\n".Length;
        var script = _tool.File("read.py");
        await File.WriteAllTextAsync(script, page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
        using var process = Process.Start(
            new ProcessStartInfo("python3", [script, _tool.File("backups")])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!; // Start returns null only when the shell reuses a process.
        using var limit = new CancellationTokenSource(Tool.Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;
}
