using System.Globalization;
using System.Text.Json.Nodes;
using Servers;

namespace Packages.Tests;

/// <summary>
/// Does what the tutorial tells its reader to do, in an empty folder, with the packages of this build: writes its
/// files, types its commands, and compares what it promises. A block says by its info string what it is: a file
/// (<c>csharp Books.cs</c>), commands (<c>sh</c>), a program that continues running until the next such one (<c>sh
/// background</c>), or the answer of the commands before it (<c>json</c>, <c>text</c>).
/// </summary>
[Collection(nameof(LocalFeed))]
public sealed class TutorialTests(LocalFeed feed)
{
    private const string Port = "5080";

    [Fact]
    public async Task The_first_application_works_as_told()
    {
        var port = FreePorts.Take().ToString(CultureInfo.InvariantCulture);
        var page = await File.ReadAllTextAsync(Path.Combine(feed.Root, "docs", "tutorial", "first-application.md"));
        using var shell = feed.Begin("first-application");
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
                    answer = await shell.Run(IsQuestion(text) ? Patient(text) : text);
                    break;
                case ["json"]:
                    Assert.Equal(Normal(text), Normal(answer));
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
                    Assert.Fail($"What is a block '{info}'?");
                    break;
            }
        }

        Assert.Contains(blocks, block => block.Info == "sh background");
        Assert.Contains(blocks, block => block.Info == "json");
    }

    /// <summary>A request that changes nothing: it can be made again.</summary>
    private static bool IsQuestion(string commands) =>
        commands.StartsWith("curl ", StringComparison.Ordinal) && !commands.Contains("--json", StringComparison.Ordinal)
        && !commands.Contains("-X", StringComparison.Ordinal);

    /// <summary>A read model is a moment behind, which a person who types does not notice; on a busy machine a test
    /// does.</summary>
    private static string Patient(string question) =>
        $"for try in $(seq 300); do\nif (\n{question}\n) > /dev/null 2>&1; then break; fi\nsleep 0.2\ndone\n{question}";

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

    private static string Normal(string json) => JsonNode.Parse(json)!.ToJsonString();
}
