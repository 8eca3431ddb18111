using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Finds members of stored events that have a sensitive name and plain values.</summary>
internal static class KeysUnmarkedCommand
{
    private const int DefaultEvents = 10_000;
    private const int MaxEvents = 10_000_000;

    public static ToolCommand Create()
    {
        var last = new Option<int>("--last")
        {
            HelpName = "NUMBER",
            Description = "The number of the newest events to read.",
            DefaultValueFactory = static _ => DefaultEvents,
        };
        var command = new ToolCommand(
            "unmarked", "Finds members of events with sensitive names and plain values. It shows no values.")
        {
            Examples = [("keys unmarked --last 100000", "Exit code 0 if there is none, else 5")],
        };
        command.Options.Add(last);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var events = call.Get(last);
            if (events is < 1 or > MaxEvents)
                throw new CliException(ExitCode.Usage, $"--last must be from 1 to {MaxEvents:N0}.");
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var found = await UnmarkedMembers.FindIn(open.Store, events, cancellationToken);
            Write(call, found);
            return found.Count == 0 ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static void Write(ToolInvocation call, IReadOnlyList<UnmarkedMember> found)
    {
        if (call.IsJson)
        {
            JsonOutput.Array(call, found, static (writer, member) =>
            {
                writer.WriteString("eventType"u8, member.EventType);
                writer.WriteString("path"u8, member.Path);
                writer.WriteString("word"u8, member.Word);
            });
            return;
        }
        var rows = new TextTable("event type", "path", "word");
        foreach (var member in found)
            rows.Add(member.EventType, member.Path, member.Word);
        rows.Write(call, "No member with a sensitive name has plain values.");
    }
}
