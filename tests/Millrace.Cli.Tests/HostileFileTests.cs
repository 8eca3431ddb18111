using System.Globalization;
using Millrace.Storage;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests files that are designed to break JSON readers, and files that are not JSON. The tool must store them byte for
/// byte. Several runs of the tool use one store concurrently. The shared files come from a directory outside the
/// repository.
/// </summary>
public sealed class HostileFileTests : IDisposable
{
    private const int MaxConcurrentRuns = 4;
    private const int SampleInterval = 5;

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public Task The_contents_of_the_hostile_files_are_stored_unchanged() => AssertStoredUnchanged(HostileFiles.Own);

    [SharedFilesFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    // The attribute skips the test without the shared files.
    public Task The_contents_of_every_shared_file_are_stored_unchanged() => AssertStoredUnchanged(HostileFiles.Shared!);

    /// <summary>Tests every fifth shared file.</summary>
    [SharedFilesFact]
    public Task The_contents_of_a_sample_of_the_shared_files_are_stored_unchanged() =>
        AssertStoredUnchanged([.. HostileFiles.Shared!.Where((_, number) => number % SampleInterval == 0)]);

    [Fact]
    public async Task A_file_that_is_too_large_or_missing_is_refused_and_nothing_is_written()
    {
        await _tool.Append("file-0", "file.kept", "1");
        await File.WriteAllBytesAsync(_tool.File("large.json"), new byte[17 * 1024 * 1024]);
        Directory.CreateDirectory(_tool.File("folder"));

        var large = await Append("file-1", _tool.File("large.json"));
        var folder = await Append("file-1", _tool.File("folder"));
        var missing = await Append("file-1", _tool.File("missing"));

        Assert.Equal((1, "limitExceeded"), (large.ExitCode, large.ErrorJson.GetProperty("error").GetString()));
        Assert.Equal((3, 3), (folder.ExitCode, missing.ExitCode));
        Assert.Equal("1", (await _tool.RunOk("count")).Output.Trim());
    }

    private async Task AssertStoredUnchanged(IReadOnlyList<string> files)
    {
        await _tool.Append("first", "store.made", "1");
        await Parallel.ForAsync(
            0,
            files.Count,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentRuns },
            async (number, _) =>
            {
                var run = IsMarked(files[number]) ? null : await Append(StreamOf(number), files[number]);
                // A file that is not JSON is refused. With a binary content type the tool stores it byte for byte.
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
        Assert.Equal(files.Count + 1, (await _tool.RunOk("replay")).Lines.Length);
        await _tool.RunOk("tail", "--long", "--last", "1000");
        await _tool.RunOk("verify");
    }

    /// <summary>Returns true when a file starts with a byte order mark, which the tool removes from JSON
    /// files.</summary>
    private static bool IsMarked(string file) =>
        File.ReadAllBytes(file) is [0xEF, 0xBB, 0xBF, ..] or [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..];

    private Task<ToolRun> Append(string stream, string file, params string[] options) =>
        _tool.Run(
            ["append", stream, "--store", "shop.db", "--type", "file.kept", "--file", file, "--json", .. options]);

    private static string StreamOf(int number) => "file-" + number.ToString(CultureInfo.InvariantCulture);
}
