using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>
/// Files that were made to break readers of JSON, and many that are none, appended by the tool and kept byte for byte.
/// Several tools are at work on one store at a time, as when people use it.
/// </summary>
public sealed class HostileFileTests : IDisposable
{
    private const int AtOnce = 4;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public Task Files_are_appended_and_read_back_as_they_are() => KeepsAll(HostileFiles.Own);

    [SharedFilesFact]
    // Not run where there are none.
    public Task Every_shared_file_is_appended_and_read_back_as_it_is() => KeepsAll(HostileFiles.Shared!);

    [Fact]
    public async Task A_file_that_is_too_large_or_invalid_is_refused_and_nothing_is_written()
    {
        await _tool.Append("file-0", "file.kept", "1");
        await File.WriteAllBytesAsync(_tool.File("large.json"), new byte[17 * 1024 * 1024]);
        Directory.CreateDirectory(_tool.File("folder"));

        var large = await Append("file-1", _tool.File("large.json"));
        var folder = await Append("file-1", _tool.File("folder"));
        var nothing = await Append("file-1", _tool.File("nothing"));

        Assert.Equal((1, "limitExceeded"), (large.ExitCode, large.ErrorJson.GetProperty("error").GetString()));
        Assert.Equal((3, 3), (folder.ExitCode, nothing.ExitCode));
        Assert.Equal("1", (await _tool.Done("count")).Output.Trim());
    }

    private async Task KeepsAll(IReadOnlyList<string> files)
    {
        await _tool.Append("first", "store.made", "1");
        await Parallel.ForAsync(
            0,
            files.Count,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, _) =>
            {
                var run = IsMarked(files[number]) ? null : await Append(StreamOf(number), files[number]);
                // No JSON: it is kept byte for byte where it does not say that it is.
                if (run is null or { ExitCode: 2 })
                    run = await Append(StreamOf(number), files[number], "--content-type", "application/octet-stream");
                Assert.True(run.ExitCode == 0, $"{files[number]}: {run.Error}");
            }
        );

        await using var store = await StoreFile.Open(_tool.Store);
        for (var number = 0; number < files.Count; number++)
        {
            var page = await store.ReadPage(
                new StreamPageQuery(new StreamId(StreamOf(number)), 1, IsBackwards: false, Limit: 10));
            Assert.Equal(await File.ReadAllBytesAsync(files[number]), Assert.Single(page.Events).Payload.ToArray());
        }
        Assert.Equal(files.Count + 1, (await _tool.Done("replay")).Lines.Length);
        await _tool.Done("tail", "--long", "--last", "1000");
        await _tool.Done("verify");
    }

    /// <summary>Returns true when a file starts with a byte order mark, which the tool removes from JSON
    /// files.</summary>
    private static bool IsMarked(string file) =>
        File.ReadAllBytes(file) is [0xEF, 0xBB, 0xBF, ..] or [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..];

    private Task<ToolRun> Append(string stream, string file, params string[] more) =>
        _tool.Run(["append", stream, "--store", "shop.db", "--type", "file.kept", "--file", file, "--json", .. more]);

    private static string StreamOf(int number) => "file-" + number.ToString(CultureInfo.InvariantCulture);
}
