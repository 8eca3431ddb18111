using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Millrace.Cli;

/// <summary>The usual help, and behind it the command's examples and the exit codes.</summary>
internal sealed class ExamplesHelp(HelpAction plain) : SynchronousCommandLineAction
{
    /// <summary>Those of the tool itself.</summary>
    public static IReadOnlyList<(string Line, string Meaning)> First { get; } =
    [
        ("streams order-", "The streams whose names begin with 'order-'"),
        ("read order-42", "What happened to one order"),
        ("tail -f --type order.paid", "Follow payments as they happen"),
        ("verify", "Check every promise on the whole file"),
    ];

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        plain.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var examples = (parseResult.CommandResult.Command as ToolCommand)?.Examples ?? First;
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
            "  8 the time limit came first, 130 interrupted; of a preview 6 read models would change, 7 events cannot");
        output.WriteLine("  be read.");
        return (int)ExitCode.Done;
    }
}
