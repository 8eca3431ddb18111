using System.CommandLine;
using Millrace.Cli.Servers;

namespace Millrace.Cli;

/// <summary>A command of the tool, with examples for its help.</summary>
internal sealed class ToolCommand(string name, string description) : Command(name, description)
{
    /// <summary>Example command lines with descriptions: <c>("read order-42", "All events of a stream")</c>.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; init; } = [];

    /// <summary>Sets the action of the command.</summary>
    public ToolCommand SetHandler(Func<ToolInvocation, CancellationToken, Task<ExitCode>> action)
    {
        SetAction(
            async (parsed, cancellationToken) => (int)await ErrorReport.RunGuarded(parsed, action, cancellationToken));
        return this;
    }

    /// <summary>
    /// Sets the actions of the command: one for a running application, and one for a store that the tool opens.
    /// </summary>
    public ToolCommand SetServerHandler(
        ServerOptions server,
        Func<ToolInvocation, ServerClient, CancellationToken, Task<ExitCode>> send,
        Func<ToolInvocation, OpenStore, CancellationToken, Task<ExitCode>> open)
    {
        server.AddTo(this);
        return SetHandler(async (call, cancellationToken) =>
        {
            using var client = server.Find(call);
            if (client is not null)
                return await send(call, client, cancellationToken);
            await using var store = await OpenStore.Existing(call, cancellationToken);
            return await open(call, store, cancellationToken);
        });
    }

    /// <summary>
    /// Sets the action of the command, which requires an existing store, or the stores that a file with shards names.
    /// </summary>
    public ToolCommand SetShardsHandler(Func<ToolInvocation, OpenStore, CancellationToken, Task<ExitCode>> action) =>
        SetHandler(async (call, cancellationToken) =>
    {
        await using var open = await ShardStores.Existing(call, EventTypeMap.Empty, cancellationToken);
        return await action(call, open, cancellationToken);
    });

    /// <summary>Sets the action of the command, which requires an existing store.</summary>
    public ToolCommand SetStoreHandler(Func<ToolInvocation, OpenStore, CancellationToken, Task<ExitCode>> action) =>
        SetHandler(async (call, cancellationToken) =>
    {
        await using var open = await OpenStore.Existing(call, cancellationToken);
        return await action(call, open, cancellationToken);
    });
}
