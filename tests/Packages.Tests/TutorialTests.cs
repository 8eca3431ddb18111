using System.Globalization;
using System.Text.Json.Nodes;
using Servers;

namespace Packages.Tests;

/// <summary>
/// Follows the tutorial in an empty folder with the packages of this build. The test writes the files, runs the
/// commands and compares the output. The info string of a block is a file (<c>csharp Books.cs</c>), commands
/// (<c>sh</c>), a program that runs until the next one starts (<c>sh background</c>), or the output of the commands
/// before (<c>json</c>, <c>text</c>).
/// </summary>
[Collection(nameof(LocalFeed))]
public sealed class TutorialTests(LocalFeed feed)
{
    private const string Port = "5080";

    [Fact]
    public async Task The_application_of_the_tutorial_works()
    {
        var port = FreePorts.Take().ToString(CultureInfo.InvariantCulture);
        var page = await File.ReadAllTextAsync(Path.Combine(feed.Root, "docs", "tutorial", "first-application.md"));
        using var shell = feed.NewShell("first-application");
        var answer = "";

        var blocks = Blocks(page.Replace(Port, port, StringComparison.Ordinal)).ToList();
        foreach (var (info, text) in blocks)
        {
            switch (info.Split(' ', 2))
            {
                case ["sh", "background"]:
                    await shell.Start(text, ready: "Application started");
                    break;
                case ["sh"]:
                    answer = await shell.Run(IsReadOnly(text) ? WithRetries(text) : text);
                    break;
                case ["json"]:
                    Assert.Equal(Normalize(text), Normalize(answer));
                    break;
                case ["text"]:
                    Assert.Contains(text.Trim(), answer.ReplaceLineEndings("\n"), StringComparison.Ordinal);
                    break;
                case ["csharp", var append] when append.StartsWith("append ", StringComparison.Ordinal):
                    await InsertBeforeRun(Path.Combine(shell.Folder, append["append ".Length..]), text);
                    break;
                case [_, var file]:
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(shell.Folder, file))!);
                    await File.WriteAllTextAsync(Path.Combine(shell.Folder, file), text + "\n");
                    break;
                default:
                    Assert.Fail($"The info string '{info}' of a block is unknown.");
                    break;
            }
        }

        Assert.Contains(blocks, block => block.Info == "sh background");
        Assert.Contains(blocks, block => block.Info == "json");
    }

    /// <summary>Returns whether the commands only read and can be repeated.</summary>
    private static bool IsReadOnly(string commands) =>
        commands.StartsWith("curl ", StringComparison.Ordinal) && !commands.Contains("--json", StringComparison.Ordinal)
        && !commands.Contains("-X", StringComparison.Ordinal);

    /// <summary>
    /// Repeats a request until it succeeds, because on a busy machine a read model is noticeably behind.
    /// </summary>
    private static string WithRetries(string request) =>
        $"for try in $(seq 300); do\nif (\n{request}\n) > /dev/null 2>&1; then break; fi\nsleep 0.2\ndone\n{request}";

    private static async Task InsertBeforeRun(string file, string line)
    {
        var program = await File.ReadAllTextAsync(file);
        Assert.Contains("app.Run();", program, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            file, program.Replace("app.Run();", line + "\napp.Run();", StringComparison.Ordinal));
    }

    private static IEnumerable<(string Info, string Text)> Blocks(string page)
    {
        var lines = page.ReplaceLineEndings("\n").Split('\n');
        for (var start = 0; start < lines.Length; start++)
        {
            if (lines[start].StartsWith("```", StringComparison.Ordinal))
            {
                var end = Array.FindIndex(lines, start + 1, line => line == "```");
                yield return (lines[start][3..].Trim(), string.Join('\n', lines[(start + 1)..end]));
                start = end;
            }
        }
    }

    private static string Normalize(string json) => JsonNode.Parse(json)!.ToJsonString();
}
