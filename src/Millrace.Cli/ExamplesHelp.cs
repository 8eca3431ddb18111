using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Millrace.Cli;

/// <summary>Adds the command's examples and the exit codes to the default help.</summary>
internal sealed class ExamplesHelp(HelpAction defaultHelp) : SynchronousCommandLineAction
{
    /// <summary>The examples of the tool itself.</summary>
    public static IReadOnlyList<(string Line, string Meaning)> ToolExamples { get; } =
    [
        ("streams order-", "Streams whose names start with 'order-'"),
        ("read order-42", "The events of one order"),
        ("tail -f --type order.paid", "Follow new payments"),
        ("verify", "Check all integrity promises of the store"),
    ];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        HideRepeatedArguments(parseResult.CommandResult);
        defaultHelp.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var examples = (parseResult.CommandResult.Command as ToolCommand)?.Examples ?? ToolExamples;
        if (examples.Count > 0)
            output.WriteLine("Examples:");
        var width = examples.Select(example => example.Line.Length).DefaultIfEmpty().Max();
        foreach (var (line, meaning) in examples)
            output.WriteLine($"  millrace {line.PadRight(width)}  {meaning}");
        if (examples.Count > 0)
            output.WriteLine();
        output.WriteLine(
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 store unusable or damaged,");
        output.WriteLine(
            "  8 time limit reached, 130 interrupted. For a preview: 6 read models would change, 7 events cannot");
        output.WriteLine("  be read.");
        return (int)ExitCode.Done;
    }

    /// <summary>
    /// Hides an argument of a parent that its subcommand has too, as in <c>backups PLACE</c> and
    /// <c>backups check PLACE</c>.
    /// </summary>
    private static void HideRepeatedArguments(CommandResult result)
    {
        if (result.Parent is not CommandResult parent)
            return;
        foreach (var argument in parent.Command.Arguments)
            argument.Hidden = result.Command.Arguments.Any(own => own.Name == argument.Name);
    }
}
