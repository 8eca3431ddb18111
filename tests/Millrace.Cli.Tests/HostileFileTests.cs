namespace Millrace.Cli.Tests;

/// <summary>Files that were made to break readers of JSON, kept byte for byte. Nicolas Seriot's suite, where it is at hand.</summary>
public sealed class HostileFileTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [SuiteFact]
    public async Task Every_file_of_the_suite_is_appended_and_read_back_as_it_is()
    {
        var files = Directory.GetFiles(SuiteFactAttribute.Folder, "*.json", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        var chosen = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? files : [.. files.Where(IsTelling)];
        Assert.NotEmpty(chosen);

        for (var i = 0; i < chosen.Length; i++)
        {
            var run = await _tool.Run("append", $"file-{i}", "--create", "--store", "shop.db", "--type", "file.kept", "--file", chosen[i]);
            Assert.True(run.ExitCode == 0, $"{chosen[i]}: {run.Error}");
        }

        await using var store = await StoreFile.Open(_tool.Store);
        for (var i = 0; i < chosen.Length; i++)
        {
            var page = await store.ReadPage(new Storage.StreamPageQuery(new StreamId($"file-{i}"), 1, IsBackwards: false, Limit: 10));
            Assert.Equal(await File.ReadAllBytesAsync(chosen[i]), Assert.Single(page.Events).Payload.ToArray());
        }
        var lines = (await _tool.Done("replay")).Lines;
        Assert.Equal(chosen.Length, lines.Length);
        await _tool.Done("tail", "--long", "--last", "1000");
    }

    /// <summary>A process for each file takes a while: the short run takes those that are unlike the others.</summary>
    private static bool IsTelling(string file)
    {
        string[] parts =
        [
            "100000_opening", "structure_open", "no_data", "UTF8_BOM", "UTF-16", "invalid_utf", "lone", "surrogate", "null_byte",
            "nested", "huge",
        ];
        return parts.Any(part => Path.GetFileName(file).Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
