using System.CommandLine;
using Spectre.Console;

namespace Millrace.Cli;

/// <summary>A command of the tool, with examples for its help.</summary>
internal sealed class ToolCommand(string name, string description) : Command(name, description)
{
    private static readonly Style Faint = new(Color.Grey);

    /// <summary>Command lines, each with what it does: <c>("read order-42", "All events of a stream")</c>.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; init; } = [];

    /// <summary>Says what the command does when it is called.</summary>
    public ToolCommand Does(Func<ToolCall, CancellationToken, Task<ExitCode>> action)
    {
        SetAction(async (parsed, cancellationToken) => (int)await ErrorReport.Guard(parsed, action, cancellationToken));
        return this;
    }

    /// <summary>Says what the command does when it is called, with a store that is there.</summary>
    public ToolCommand DoesWithStore(Func<ToolCall, OpenStore, CancellationToken, Task<ExitCode>> action) =>
        Does(async (call, cancellationToken) =>
    {
        await using var open = await OpenStore.Existing(call, cancellationToken);
        TellWhichWasFound(call, open);
        return await action(call, open, cancellationToken);
    });

    /// <summary>Who named no store is told which was found, beside the answer: there may be another that was meant.</summary>
    private static void TellWhichWasFound(ToolCall call, OpenStore open)
    {
        if (call.IsWatched && !call.IsJson && StoreFileName.Named(call) is null)
            call.Errors.WriteLine(Printable.Of($"Store: {NearFiles.Shown(open.File)}"), Faint);
    }
}
