using System.CommandLine;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>One call of the tool: what was asked, and where the answer goes.</summary>
internal sealed class ToolInvocation : IDisposable
{
    private const int WidthOfFiles = 120;
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
        Console = MakeConsole(Text, System.Console.IsOutputRedirected);
        Errors = MakeConsole(System.Console.Error, System.Console.IsErrorRedirected);
    }

    /// <summary>Whether the answer is for programs.</summary>
    public bool IsJson { get; }

    /// <summary>The answer for people, as plain text.</summary>
    public TextWriter Text { get; }

    /// <summary>The answer for people.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Progress and errors, apart from the answer.</summary>
    public IAnsiConsole Errors { get; }

    /// <summary>Whether somebody watches the progress.</summary>
    public bool IsInteractive { get; } = !System.Console.IsErrorRedirected;

    /// <summary>The answer for programs.</summary>
    public Stream Bytes => _bytes.Value;

    /// <summary>The time that everything in the tool goes by.</summary>
    public TimeProvider Time { get; } = TimeProvider.System;

    public T? Get<T>(Option<T> option) => _parsed.GetValue(option);

    // Null only where T says so: other arguments are required.
    public T Get<T>(Argument<T> argument) => _parsed.GetValue(argument)!;

    /// <summary>Whether an option was given.</summary>
    public bool Has(Option option) => _parsed.GetResult(option) is { Implicit: false };

    /// <summary>A line for people.</summary>
    public void Line(string text) => Console.WriteLine(TerminalText.Of(text));

    /// <summary>Hands on what was answered so far, for those who watch.</summary>
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

    private static IAnsiConsole MakeConsole(TextWriter writer, bool isRedirected)
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
                    : WidthOfFiles;
        return console;
    }
}
