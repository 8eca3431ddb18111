using System.CommandLine;
using Millrace.Cli.Output;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>One call of the tool: its arguments and its output.</summary>
internal sealed class ToolInvocation : IDisposable
{
    private const int RedirectedWidth = 120;
    private const int BufferBytes = 64 * 1024;

    private readonly ParseResult _parsed;
    private readonly Lazy<Stream> _bytes = new(() =>
        new BufferedStream(System.Console.OpenStandardOutput(), BufferBytes));

    public ToolInvocation(ParseResult parsed)
    {
        _parsed = parsed;
        IsJson = parsed.GetValue(GlobalOptions.Json);
        Text = System.Console.IsOutputRedirected
            ? new StreamWriter(System.Console.OpenStandardOutput(), bufferSize: BufferBytes)
            : System.Console.Out;
        Console = CreateConsole(Text, System.Console.IsOutputRedirected);
        Errors = CreateConsole(System.Console.Error, System.Console.IsErrorRedirected);
    }

    /// <summary>True for JSON output.</summary>
    public bool IsJson { get; }

    /// <summary>The output as plain text.</summary>
    public TextWriter Text { get; }

    /// <summary>The console of the output.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>The console for progress and errors.</summary>
    public IAnsiConsole Errors { get; }

    /// <summary>Gets whether progress is visible to a user.</summary>
    public bool IsInteractive { get; } = !System.Console.IsErrorRedirected;

    /// <summary>The JSON output.</summary>
    public Stream Bytes => _bytes.Value;

    /// <summary>The clock of the tool.</summary>
    public TimeProvider Time { get; } = TimeProvider.System;

    public T? Get<T>(Option<T> option) => _parsed.GetValue(option);

    // Null only when T is nullable: other arguments are required.
    public T Get<T>(Argument<T> argument) => _parsed.GetValue(argument)!;

    /// <summary>Returns true when an option is present.</summary>
    public bool Has(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>Writes a line of text.</summary>
    public void Line(string text) => Console.WriteLine(TerminalText.Of(text));

    /// <summary>Flushes the output so far.</summary>
    public void Flush()
    {
        Text.Flush();
        if (_bytes.IsValueCreated)
            _bytes.Value.Flush();
    }

    public void Dispose()
    {
        Text.Flush();
        if (_bytes.IsValueCreated)
            _bytes.Value.Dispose();
    }

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isRedirected)
    {
        var isPlain = isRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isPlain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        if (isRedirected)
            console.Profile.Width =
                int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns >= 40
                    ? columns
                    : RedirectedWidth;
        return console;
    }
}
