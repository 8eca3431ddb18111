using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Completion;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Writes scripts that let shells complete the tool's command lines.</summary>
internal static class CompletionCommand
{
    private const int MaxDescriptionLength = 60;
    private const string SecondsVariable = "MILLRACE_COMPLETION_SECONDS";
    private const double DefaultSeconds = 2;
    private const double MaxSeconds = 60;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh." };
        var command = new ToolCommand("completion",
            "Writes a script that lets a shell complete commands, options, and names from the store.")
        {
            Examples =
            [
                ("completion bash", "In ~/.bashrc: source <(millrace completion bash)"),
                ("completion zsh", "In ~/.zshrc, after compinit: source <(millrace completion zsh)"),
                ("completion fish", "In ~/.config/fish/config.fish: millrace completion fish | source"),
                ("completion pwsh", "In $PROFILE: millrace completion pwsh | Out-String | Invoke-Expression"),
            ],
        };
        command.Arguments.Add(shell);
        return command.SetHandler(
            (call, _) =>
            {
                var script =
                    ShellScripts.Of(call.Get(shell))
                    ?? throw new CliException(
                        ExitCode.Usage,
                        $"The shell '{call.Get(shell)}' is not supported.",
                        "Use bash, zsh, fish or pwsh.");
                call.Text.Write(script.ReplaceLineEndings("\n") + "\n");
                return Task.FromResult(ExitCode.Done);
            }
        );
    }

    /// <summary>
    /// Creates the command that the scripts call. The help does not show the command, because users do not call it.
    /// </summary>
    public static Command CreateComplete(Func<Command> root)
    {
        var line = new Argument<string>("line") { Description = "The text up to the cursor." };
        var command = new ToolCommand("complete", "Returns possible continuations of a line, for shell scripts.")
        {
            Hidden = true,
        };
        command.Arguments.Add(line);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                // Completion must be quick, and errors must not appear while a user types.
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Timeout());
                try
                {
                    await using var open = await Open(call.Get(line), limit.Token);
                    foreach (var candidate in await new CommandLineCompletion(root(), new StoreCompletions(open)).Find(
                            call.Get(line), limit.Token))
                        call.Text.Write(LineOf(candidate));
                }
                catch (Exception exception)
                    when (exception is MillraceException or OperationCanceledException or IOException)
                {
                    return ExitCode.Failed;
                }
                return ExitCode.Done;
            }
        );
    }

    /// <summary>
    /// Returns the maximum time that a shell waits for candidates. Users can increase the time for a slow machine or
    /// disk.
    /// </summary>
    private static TimeSpan Timeout()
    {
        var isGiven = double.TryParse(
            Environment.GetEnvironmentVariable(SecondsVariable), CultureInfo.InvariantCulture, out var seconds);
        return TimeSpan.FromSeconds(isGiven && seconds is > 0 and <= MaxSeconds ? seconds : DefaultSeconds);
    }

    private static string LineOf(CompletionCandidate candidate)
    {
        var meaning = TerminalText.OneLine(candidate.Meaning);
        meaning = meaning.Length > MaxDescriptionLength ? meaning[..(MaxDescriptionLength - 1)] + "…" : meaning;
        // Line breaks separate the candidates, so a name with a line break is omitted.
        return TerminalText.OneLine(candidate.Text) != candidate.Text ? ""
            : meaning.Length == 0 ? candidate.Text + "\n"
            : $"{candidate.Text}\t{meaning}\n";
    }

    /// <summary>Returns the store that the line refers to, or null when the line refers to no existing store.</summary>
    private static async Task<OpenStore?> Open(string line, CancellationToken cancellationToken)
    {
        try
        {
            using var invocation = new ToolInvocation(
                CommandLine.Parse([.. CommandLineTokenizer.Of(line).Skip(1).SkipLast(1)]));
            return await OpenStore.OpenForReading(
                StoreLocator.Existing(invocation), invocation.Time, cancellationToken);
        }
        catch (Exception exception) when (exception is CliException or InvalidOperationException)
        {
            return null; // No store is specified, or an option has no value yet.
        }
    }
}
