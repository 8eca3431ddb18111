using System.Collections.Concurrent;
using System.Diagnostics;

namespace Millrace.Cli.Tests;

/// <summary>
/// Tests names and options of every kind. Valid ones are stored unchanged. Others are refused with an exit code, and
/// nothing is written.
/// </summary>
public sealed class HostileNameTests : IDisposable
{
    private const int MaxConcurrentRuns = 4;
    private const int LongestName = 256;

    private static readonly string[] InvalidOptions =
    [
        "--id=nonsense",
        "--id=00000000-0000-0000-0000-00000000000",
        "--expect=-1",
        "--expect=9223372036854775808",
        "--expect=latest",
        "--schema-version=0",
        "--schema-version=-1",
        "--schema-version=99999999999",
        "--tag=nocolon",
        "--tag=:",
        "--correlation=1",
        "--content-type=",
        "--nonsense",
        "another",
    ];

    private readonly Tool _tool = new();
    private readonly ConcurrentBag<string> _problems = [];

    /// <summary>
    /// Gets the texts that can be command-line arguments. They have no NUL, no surrogates and fewer than 10,000
    /// characters.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, string>> Texts => HostileTexts.All.Where(text =>
        text.Value.Length < 10_000 && !text.Value.Any(character => character == '\0' || char.IsSurrogate(character)));

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Stream_names_are_stored_unchanged_or_refused()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll(Texts, async text =>
        {
            var run = await Append("--any-name", "--type", "order.noted", "--", text.Value);
            RecordUnless(text.Key, run, text.Value.Length is 0 or > LongestName ? 2 : 0);
            if (run.ExitCode == 0 && await store.GetStream(new StreamId(text.Value)) is null)
                _problems.Add($"{text.Key}: the stream does not exist.");
        });

        Assert.Empty(_problems);
        Assert.Equal(
            Texts.Count(text => text.Value.Length is > 0 and <= LongestName), await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Event_types_are_stored_unchanged_or_refused()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        var validTypes = 0;
        await ForAll(
            Texts,
            async text =>
            {
                var run = await Append("order-1", $"--type={text.Value}");
                var isType =
                    text.Value.Length is > 0 and <= LongestName
                    && !text.Value.Any(character => char.IsControl(character) || char.IsWhiteSpace(character));
                RecordUnless(text.Key, run, isType ? 0 : 2);
                Interlocked.Add(ref validTypes, isType ? 1 : 0);
                if (isType && await store.Count(EventFilter.OfTypes(text.Value)) != 1)
                    _problems.Add($"{text.Key}: there is no such event.");
            }
        );

        Assert.Empty(_problems);
        Assert.Equal(validTypes, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Sources_users_and_tags_are_stored_unchanged_or_refused()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll(
            Texts,
            async text =>
            {
                var run = await Append(
                    "kept-" + text.Key,
                    "--any-name",
                    "--type",
                    "order.noted",
                    $"--source={text.Value}",
                    $"--user={text.Value}",
                    $"--tag=kind:{text.Value}");
                var isName = text.Value.Length is > 0 and <= LongestName;
                RecordUnless(text.Key, run, isName ? 0 : 2);
                if (!isName)
                    return;
                var recorded = await store.ReadStream(new StreamId("kept-" + text.Key)).SingleAsync();
                var read = new[] { recorded.Metadata.Source, recorded.Metadata.UserId, recorded.Tags[0].Value };
                if (read.Any(value => value != text.Value))
                    _problems.Add($"{text.Key} was read back as {string.Join(", ", read)}.");
            }
        );

        Assert.Empty(_problems);
    }

    [Fact]
    public async Task Invalid_options_are_refused_and_nothing_is_written()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll(InvalidOptions, async option =>
        {
            var run = await Append("order-1", "--type", "order.noted", option);
            RecordUnless(option, run, 2);
            if (run.ExitCode == 2 && run.ErrorJson.GetProperty("exitCode").GetInt32() != 2)
                _problems.Add($"{option}: {run.Error}");
        });

        Assert.Empty(_problems);
        Assert.Equal(0, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task A_stream_name_that_is_not_valid_text_does_not_crash_the_tool()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll([@"\355\240\200", @"\377\376", @"\300\257", @"a\200b"], async bytes =>
        {
            var command = $"exec dotnet \"$0\" append \"$(printf '{bytes}')\" --store \"$1\" --type t --data 1";
            var start = new ProcessStartInfo("sh", ["-c", command, Tool.ProgramFile("Millrace.Cli"), _tool.Store])
            {
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!; // Start returns null only when the shell reuses a process.
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Tool.Limit);
            if (process.ExitCode is not (0 or 2) || error.Contains("   at ", StringComparison.Ordinal))
                _problems.Add($"{bytes}: {process.ExitCode}: {error}");
        });

        Assert.Empty(_problems);
        Assert.True((await store.Verify()).IsSound);
    }

    private static Task ForAll<T>(IEnumerable<T> items, Func<T, ValueTask> action) =>
        Parallel.ForEachAsync(
            items, new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentRuns }, (item, _) => action(item));

    private void RecordUnless(string description, ToolRun run, int exitCode)
    {
        if (run.ExitCode != exitCode)
            _problems.Add($"{description} ended with {run.ExitCode} instead of {exitCode}: {run.Error}{run.Output}");
    }

    private Task<ToolRun> Append(params string[] arguments) =>
        _tool.Run(["append", "--store", "shop.db", "--data", "1", "--json", .. arguments]);
}
