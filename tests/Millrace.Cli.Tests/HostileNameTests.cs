using System.Collections.Concurrent;
using System.Diagnostics;

namespace Millrace.Cli.Tests;

/// <summary>
/// Names and options of every kind: what can be kept is kept as it is, all else is refused by its exit
/// code and writes nothing.
/// </summary>
public sealed class HostileNameTests : IDisposable
{
    private const int AtOnce = 4;
    private const int LongestName = 256;

    private static readonly string[] Wrong =
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

    /// <summary>What a program can be called with: no NUL, no halves of pairs, and not too
    /// long for the system.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Texts => HostileTexts.All.Where(text =>
        text.Value.Length < 10_000 && !text.Value.Any(character => character == '\0' || char.IsSurrogate(character)));

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Names_of_streams_are_kept_as_they_are_or_refused()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll(Texts, async text =>
        {
            var run = await Append("--any-name", "--type", "order.noted", "--", text.Value);
            Expect(text.Key, run, text.Value.Length is 0 or > LongestName ? 2 : 0);
            if (run.ExitCode == 0 && await store.GetStream(new StreamId(text.Value)) is null)
                _problems.Add($"{text.Key}: there this stream does not exist.");
        });

        Assert.Empty(_problems);
        Assert.Equal(
            Texts.Count(text => text.Value.Length is > 0 and <= LongestName), await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Types_are_kept_as_they_are_or_refused()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        var kept = 0;
        await ForAll(
            Texts,
            async text =>
            {
                var run = await Append("order-1", $"--type={text.Value}");
                var isType =
                    text.Value.Length is > 0 and <= LongestName
                    && !text.Value.Any(at => char.IsControl(at) || char.IsWhiteSpace(at));
                Expect(text.Key, run, isType ? 0 : 2);
                Interlocked.Add(ref kept, isType ? 1 : 0);
                if (isType && await store.Count(EventFilter.OfTypes(text.Value)) != 1)
                    _problems.Add($"{text.Key}: there is no such event.");
            }
        );

        Assert.Empty(_problems);
        Assert.Equal(kept, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Sources_users_and_tags_are_kept_as_they_are_or_refused()
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
                Expect(text.Key, run, isName ? 0 : 2);
                if (!isName)
                    return;
                var recorded = await store.ReadStream(new StreamId("kept-" + text.Key)).SingleAsync();
                var read = new[] { recorded.Metadata.Source, recorded.Metadata.UserId, recorded.Tags[0].Value };
                if (read.Any(one => one != text.Value))
                    _problems.Add($"{text.Key} came back as {string.Join(", ", read)}.");
            }
        );

        Assert.Empty(_problems);
    }

    [Fact]
    public async Task Options_that_cannot_be_are_refused_and_nothing_is_written()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll(Wrong, async option =>
        {
            var run = await Append("order-1", "--type", "order.noted", option);
            Expect(option, run, 2);
            if (run.ExitCode == 2 && run.ErrorJson.GetProperty("exitCode").GetInt32() != 2)
                _problems.Add($"{option}: {run.Error}");
        });

        Assert.Empty(_problems);
        Assert.Equal(0, await store.Count(EventFilter.All));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_at_all_do_not_crash_it()
    {
        await using var store = await StoreFile.Open(_tool.Store);
        await ForAll([@"\355\240\200", @"\377\376", @"\300\257", @"a\200b"], async bytes =>
        {
            var command = $"exec dotnet \"$0\" append \"$(printf '{bytes}')\" --store \"$1\" --type t --data 1";
            var start = new ProcessStartInfo("sh", ["-c", command, Tool.ProgramFile("Millrace.Cli"), _tool.Store])
            {
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!; // Null only when a process is reused.
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Tool.Limit);
            if (process.ExitCode is not (0 or 2) || error.Contains("   at ", StringComparison.Ordinal))
                _problems.Add($"{bytes}: {process.ExitCode}: {error}");
        });

        Assert.Empty(_problems);
        Assert.True((await store.Verify()).IsSound);
    }

    private static Task ForAll<T>(IEnumerable<T> items, Func<T, ValueTask> act) =>
        Parallel.ForEachAsync(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, (item, _) => act(item));

    private void Expect(string what, ToolRun run, int exitCode)
    {
        if (run.ExitCode != exitCode)
            _problems.Add($"{what} ended with {run.ExitCode} instead of {exitCode}: {run.Error}{run.Output}");
    }

    private Task<ToolRun> Append(params string[] arguments) =>
        _tool.Run(["append", "--store", "shop.db", "--data", "1", "--json", .. arguments]);
}
