using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Millrace.Cli.Completion;

namespace Millrace.Cli.Tests;

/// <summary>Runs every example of the help unchanged, with the store and the build of a shop.</summary>
public sealed partial class ExampleTests(ExampleShop shop) : IClassFixture<ExampleShop>
{
    public static TheoryData<string> Lines => new(ExampleRuns.All.Select(example => example.Line));

    [Fact]
    public void Exactly_the_examples_of_the_help_are_run()
    {
        var examples = ToolCommands.All.Values.OfType<ToolCommand>().SelectMany(command => command.Examples)
            .Concat(ExamplesHelp.ToolExamples).Select(example => example.Line).Distinct();

        Assert.Equal(
            examples.Order(StringComparer.Ordinal),
            ExampleRuns.All.Select(example => example.Line).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task An_example_has_the_result_that_the_help_describes(string line)
    {
        var example = ExampleRuns.All.Single(item => item.Line == line);
        using var tool = new Tool { Build = UsesVariable(line) ? "out" : null };
        shop.CopyTo(tool.Directory);
        example.Prepare(tool.Directory);
        foreach (var before in example.Before)
            await tool.RunOk([.. CommandLineTokenizer.Of(before)]);

        var run = await Run(tool, example);

        var text = run.ExitCode == 0 || run.Error.Length == 0 ? run.Output : run.Output + run.Error;
        Assert.True(
            run.ExitCode == example.ExitCode,
            $"millrace {line} exited with {run.ExitCode}, not {example.ExitCode}:\n{text}\n{run.Error}");
        Assert.All(
            example.ExpectedTexts,
            part =>
                Assert.True(
                    text.Contains(part, StringComparison.Ordinal),
                    $"millrace {line} does not print '{part}':\n{text}"));
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.True(
            example.Creates is null || Path.Exists(tool.File(example.Creates)),
            $"millrace {line} did not create {example.Creates}.");
    }

    private static async Task<ToolRun> Run(Tool tool, ExampleRun example)
    {
        using var application = example.NeedsApplication ? await ExampleShop.Run(tool.Store) : null;
        // A shell gives the tool only the words before a pipe or a redirection. If the example redirects the input from
        // a file, the test reads that file.
        var parts = ShellOperator().Split(example.Line);
        string[] words = [.. CommandLineTokenizer.Of(parts[0])];
        var input = example.Line.Contains(" < ", StringComparison.Ordinal)
            ? await File.ReadAllBytesAsync(tool.File(parts[1]))
            : null;
        var run = example.IsEndless ? await Interrupt(tool, words) : await tool.RunWith(input, words);
        await (application?.StopAsync() ?? Task.CompletedTask);
        return run;
    }

    /// <summary>Interrupts the tool after its first line of output.</summary>
    private static async Task<ToolRun> Interrupt(Tool tool, string[] words)
    {
        using var limit = new CancellationTokenSource(Tool.Limit);
        using var process = tool.Start(words);
        try
        {
            var first = await process.StandardOutput.ReadLineAsync(limit.Token);
            await Kill(process.Id, limit.Token);
            var rest = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            var output = System.Text.Encoding.UTF8.GetBytes(first + "\n" + rest);
            return new ToolRun(process.ExitCode, output, await process.StandardError.ReadToEndAsync(limit.Token));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static async Task Kill(int id, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-INT", id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>
    /// Returns whether the example needs the variable MILLRACE_BUILD, because its command needs a build and its line
    /// has none.
    /// </summary>
    private static bool UsesVariable(string line) =>
        (line.StartsWith("why ", StringComparison.Ordinal) || line.StartsWith("at ", StringComparison.Ordinal))
        && !line.Contains("--build", StringComparison.Ordinal);

    [GeneratedRegex(" [|<>] ")]
    private static partial Regex ShellOperator();
}
