using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Millrace.Cli.Tests;

/// <summary>
/// Runs the commands of the page about failing messages on a failing shop and compares their output with the page. If
/// <c>UPDATE_DOCS=1</c> is set, writes the output into the page.
/// </summary>
public sealed partial class SymptomPageTests : IAsyncLifetime, IDisposable
{
    private const string Page = "docs/how-to/troubleshoot-messages.md";

    // The name of a node consists of the machine, the process and a number. Its replacement has the same width.
    private static readonly Regex Node = new(Regex.Escape(Environment.MachineName) + @"/\d+/\w+");

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly Tool _tool = new();
    private FailingShop? _shop;

    public async Task InitializeAsync()
    {
        _shop = new FailingShop(_tool.Store);
        await _shop.Start();
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
        var (commandCount, differences, updated) = (0, new List<string>(), page);
        foreach (Match shown in Shown().Matches(page))
        {
            var (commands, output) = (shown.Groups["commands"].Value, shown.Groups["output"].Value);
            var printed = await RunCommands(commands, output);
            commandCount++;
            if (Normalized(printed) != Normalized(output))
                differences.Add($"{commands}prints\n{printed}");
            updated = updated.Replace(
                $"```sh\n{commands}```\n```text\n{output}```",
                $"```sh\n{commands}```\n```text\n{printed}```",
                StringComparison.Ordinal);
        }

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(file, updated);
        Assert.True(commandCount > 8, "The page must show more than 8 commands with their output.");
        Assert.True(
            differences.Count == 0,
            $"{Page} shows something else; UPDATE_DOCS=1 writes it: {string.Join("\n\n", differences)}");
    }

    /// <summary>
    /// Returns the output of the commands. Commands that only read run again until their output matches or a timeout
    /// expires, because the shop continues to run.
    /// </summary>
    private async Task<string> RunCommands(string commands, string expected)
    {
        var limit = commands.Contains("--reason", StringComparison.Ordinal) ? TimeSpan.Zero : WaitTimeout;
        var (printed, started) = (new StringBuilder(), Stopwatch.GetTimestamp());
        do
        {
            printed.Clear();
            foreach (var line in commands.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var run = await _tool.RunOk([.. Argument().Matches(line).Skip(1).Select(Unquoted)]);
                printed.Append(printed.Length == 0 ? "" : "\n").Append(WithStableValues(run.Output));
            }
        }
        while (Normalized(printed.ToString()) != Normalized(expected) && Stopwatch.GetElapsedTime(started) < limit);
        return printed.ToString();
    }

    /// <summary>Returns an argument without its quotes.</summary>
    private static string Unquoted(Match argument) =>
        argument.Groups["quoted"] is { Success: true } quoted ? quoted.Value : argument.Value;

    /// <summary>Replaces the values that differ in each run, such as times, users and nodes.</summary>
    private static string WithStableValues(string output)
    {
        var text = Instant()
            .Replace(output, "2026-11-21 10:20:30.400Z")
            .Replace(Environment.UserName, "ada", StringComparison.Ordinal);
        text = Node.Replace(text, static node => "node-1".PadRight(node.Length)).Trim();
        var lines = text.Split('\n').Where(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal));
        return IndentationOf(output) + string.Concat(lines.Select(line => line.TrimEnd() + "\n"));
    }

    /// <summary>Returns the spaces before the first text, because tables are indented.</summary>
    private static string IndentationOf(string output) =>
        output.Split('\n').FirstOrDefault(line => line.Trim().Length > 0) is { } first
            ? first[..^first.TrimStart().Length]
            : "";

    /// <summary>Returns the text with normalized numbers, ids and column widths.</summary>
    private static string Normalized(string text) => Blanks().Replace(Number().Replace(text, "0"), " ").Trim();

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
