using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Completion;

namespace Millrace.Cli.Commands;

/// <summary>Has shells complete the tool's command lines.</summary>
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
            "Writes the script by which a shell completes commands, options, and names out of the store.")
        {
            Examples =
            [
                ("completion bash", "In ~/.bashrc: source <(millrace completion bash)"),
                ("completion zsh", "In ~/.zshrc, behind compinit: source <(millrace completion zsh)"),
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
                        $"'{call.Get(shell)}' is no shell that the tool knows.",
                        "Give bash, zsh, fish or pwsh.");
                call.Text.Write(script.ReplaceLineEndings("\n") + "\n");
                return Task.FromResult(ExitCode.Done);
            }
        );
    }

    /// <summary>What the scripts call: hidden, because people do not.</summary>
    public static Command CreateComplete(Func<Command> root)
    {
        var line = new Argument<string>("line") { Description = "What was typed up to the cursor." };
        var command = new ToolCommand("complete", "Tells what may follow a line, for the scripts of shells.")
        {
            Hidden = true,
        };
        command.Arguments.Add(line);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                // Nobody waits long for a word, and nobody wants to read an error in the middle of typing.
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Timeout());
                try
                {
                    await using var open = await Open(call.Get(line), limit.Token);
                    foreach (var found in await new CommandLineCompletion(root(), new StoreCompletions(open)).Find(
                            call.Get(line), limit.Token))
                        call.Text.Write(Shown(found));
                }
                catch (Exception trouble)
                    when (trouble is MillraceException or OperationCanceledException or IOException)
                {
                    return ExitCode.Failed;
                }
                return ExitCode.Done;
            }
        );
    }

    /// <summary>How long a shell waits for words; longer where the machine or its disk is slow and somebody says
    /// so.</summary>
    private static TimeSpan Timeout()
    {
        var isGiven = double.TryParse(
            Environment.GetEnvironmentVariable(SecondsVariable), CultureInfo.InvariantCulture, out var seconds);
        return TimeSpan.FromSeconds(isGiven && seconds is > 0 and <= MaxSeconds ? seconds : DefaultSeconds);
    }

    private static string Shown(CompletionCandidate found)
    {
        var meaning = TerminalText.OneLine(found.Meaning);
        meaning = meaning.Length > MaxDescriptionLength ? meaning[..(MaxDescriptionLength - 1)] + "…" : meaning;
        // A name with a line break in it cannot be handed to a shell a line each.
        return TerminalText.OneLine(found.Text) != found.Text ? ""
            : meaning.Length == 0 ? found.Text + "\n"
            : $"{found.Text}\t{meaning}\n";
    }

    /// <summary>The store that the line means, if there is one.</summary>
    private static async Task<OpenStore?> Open(string line, CancellationToken cancellationToken)
    {
        try
        {
            using var meant = new ToolInvocation(
                CommandLine.Parse([.. CommandLineTokenizer.Of(line).Skip(1).SkipLast(1)]));
            return await OpenStore.ToRead(StoreLocator.Existing(meant), meant.Time, cancellationToken);
        }
        catch (Exception unfinished) when (unfinished is CliException or InvalidOperationException)
        {
            return null; // No store is named, or an option lacks its value as yet.
        }
    }
}
