using System.CommandLine;

namespace Millrace.Cli;

/// <summary>A command of the tool, with examples for its help.</summary>
internal sealed class ToolCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines, each with what it does: <c>("read order-42", "All events of a stream")</c>.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; init; } = [];

    /// <summary>Says what the command does when it is called.</summary>
    public ToolCommand SetHandler(Func<ToolInvocation, CancellationToken, Task<ExitCode>> action)
    {
        SetAction(
            async (parsed, cancellationToken) => (int)await ErrorReport.RunGuarded(parsed, action, cancellationToken));
        return this;
    }

    /// <summary>Says what the command does when it is called, with a store that is there.</summary>
    public ToolCommand SetStoreHandler(Func<ToolInvocation, OpenStore, CancellationToken, Task<ExitCode>> action) =>
        SetHandler(async (call, cancellationToken) =>
    {
        await using var open = await OpenStore.Existing(call, cancellationToken);
        return await action(call, open, cancellationToken);
    });
}
