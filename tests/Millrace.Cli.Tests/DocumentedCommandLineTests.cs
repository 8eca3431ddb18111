using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool can parse the command lines that the documentation shows in its sentences.</summary>
public sealed partial class DocumentedCommandLineTests
{
    [Fact]
    public void Every_command_line_in_a_sentence_can_be_parsed()
    {
        var lines = Pages().SelectMany(page => LineInSentence().Matches(File.ReadAllText(page))
            .Select(match => (Page: Path.GetFileName(page), Line: match.Groups[1].Value.ReplaceLineEndings(" "))));
        // A placeholder, as in 'millrace read STREAM [--raw]', is not a command line.
        var commandLines = lines.Where(line => !Placeholder().IsMatch(line.Line)).ToList();

        var invalid = commandLines.Select(line =>
                (line.Page, line.Line, CommandLine.Parse([.. CommandLineParser.SplitCommandLine(line.Line)]).Errors))
            .Where(line => line.Errors.Count > 0)
            .Select(line => $"{line.Page}: millrace {line.Line}: {line.Errors[0].Message}");

        Assert.True(commandLines.Count > 10, "The pages show command lines.");
        Assert.Empty(invalid);
    }

    [GeneratedRegex("`(?:\\./)?millrace ([^`]+)`")]
    private static partial Regex LineInSentence();

    [GeneratedRegex("[\\[\\]…|<>]")]
    private static partial Regex Placeholder();

    private static IEnumerable<string> Pages()
    {
        return new[] { "docs", "samples" }
            .SelectMany(folder =>
                Directory.GetFiles(RepositoryRoot.PathOf(folder), "*.md", SearchOption.AllDirectories))
            .Append(RepositoryRoot.PathOf("README.md"));
    }
}
