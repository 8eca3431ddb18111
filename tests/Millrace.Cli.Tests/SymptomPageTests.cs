using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Millrace.Cli.Tests;

/// <summary>
/// The page about messages by symptom: its commands are run on a shop in trouble and print what it shows.
/// <c>UPDATE_DOCS=1</c> writes what they print now into the page.
/// </summary>
public sealed partial class SymptomPageTests : IAsyncLifetime, IDisposable
{
    private const string Page = "docs/how-to/troubleshoot-messages.md";

    // Machine, process, and a number: the rest of the column stays, as wide as it was.
    private static readonly Regex Node = new(Regex.Escape(Environment.MachineName) + @"/\d+/\w+");

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly Tool _tool = new();
    private FailingShop? _shop;

    public async Task InitializeAsync()
    {
        _shop = new FailingShop(_tool.Store);
        await _shop.Begin();
    }

    public async Task DisposeAsync()
    {
        if (_shop is not null)
            await _shop.DisposeAsync();
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Each_command_prints_what_the_page_shows()
    {
        var file = RepositoryRoot.PathOf(Page);
        var page = await File.ReadAllTextAsync(file);
        var (ran, differences, updated) = (0, new List<string>(), page);
        foreach (Match shown in Shown().Matches(page))
        {
            var (commands, output) = (shown.Groups["commands"].Value, shown.Groups["output"].Value);
            var printed = await Print(commands, output);
            ran++;
            if (Words(printed) != Words(output))
                differences.Add($"{commands}prints\n{printed}");
            updated = updated.Replace(
                $"```sh\n{commands}```\n```text\n{output}```",
                $"```sh\n{commands}```\n```text\n{printed}```",
                StringComparison.Ordinal);
        }

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(file, updated);
        Assert.True(ran > 8, "The page shows commands with what they print.");
        Assert.True(
            differences.Count == 0,
            $"{Page} shows something else; UPDATE_DOCS=1 writes it: {string.Join("\n\n", differences)}");
    }

    /// <summary>What commands print; those that only look are run again while the shop, which continues, looks
    /// otherwise.</summary>
    private async Task<string> Print(string commands, string wanted)
    {
        var limit = commands.Contains("--reason", StringComparison.Ordinal) ? TimeSpan.Zero : WaitTimeout;
        var (printed, started) = (new StringBuilder(), Stopwatch.GetTimestamp());
        do
        {
            printed.Clear();
            foreach (var line in commands.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var run = await _tool.Done([.. Argument().Matches(line).Skip(1).Select(Unquoted)]);
                printed.Append(printed.Length == 0 ? "" : "\n").Append(Steady(run.Output));
            }
        }
        while (Words(printed.ToString()) != Words(wanted) && Stopwatch.GetElapsedTime(started) < limit);
        return printed.ToString();
    }

    /// <summary>An argument as a shell hands it over.</summary>
    private static string Unquoted(Match argument) =>
        argument.Groups["quoted"] is { Success: true } quoted ? quoted.Value : argument.Value;

    /// <summary>What is the same each time: whichever day, machine and node.</summary>
    private static string Steady(string output)
    {
        var text = Instant()
            .Replace(output, "2026-11-21 10:20:30.400Z")
            .Replace(Environment.UserName, "ada", StringComparison.Ordinal);
        text = Node.Replace(text, static node => "node-1".PadRight(node.Length)).Trim();
        var lines = text.Split('\n').Where(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
        return Indent(output) + string.Concat(lines.Select(line => line.TrimEnd() + "\n"));
    }

    /// <summary>What stands before the first letter: tables are indented.</summary>
    private static string Indent(string output) =>
        output.Split('\n').FirstOrDefault(line => line.Trim().Length > 0) is { } first
            ? first[..^first.TrimStart().Length]
            : "";

    /// <summary>The words alone: neither how wide a column is, nor how many events there were, nor which ids they
    /// have.</summary>
    private static string Words(string text) => Blanks().Replace(Number().Replace(text, "0"), " ").Trim();

    [GeneratedRegex("```sh\n(?<commands>(\\./millrace [^\n]+\n)+)```\n```text\n(?<output>(?:(?!```).*\n)*)```")]
    private static partial Regex Shown();

    [GeneratedRegex("'(?<quoted>[^']*)'|\"(?<quoted>[^\"]*)\"|\\S+")]
    private static partial Regex Argument();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z")]
    private static partial Regex Instant();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9][0-9,.]*( ms| s| min)?|–")]
    private static partial Regex Number();

    [GeneratedRegex(@"[\s─-]+")]
    private static partial Regex Blanks();
}
