using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows and sets the number of nodes of an application that adjusts it.</summary>
internal static class CapacityCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("capacity", "Shows and sets the number of nodes.")
        {
            Examples =
            [
                ("capacity", "The number of nodes, and its last changes"),
                ("capacity --json", "For programs"),
            ],
        };
        command.Subcommands.Add(Set());
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            Write(call, await CapacityOf(open).GetStatus(cancellationToken));
            return ExitCode.Done;
        });
    }

    private static ToolCommand Set()
    {
        var nodes = new Argument<int>("nodes") { Description = "The number of nodes, within the bounds." };
        var decision = new DecisionOptions(requiresReason: true);
        var command = new ToolCommand("set", "Sets the number of nodes. The application calls its hook.")
        {
            Examples = [("capacity set 6 --reason 'sale on Friday'", "Six nodes, until the load decides otherwise")],
        };
        command.Arguments.Add(nodes);
        decision.AddTo(command);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            CapacityChange change;
            try
            {
                change = await CapacityOf(open).SetNodes(
                    call.Get(nodes), decision.By(call), decision.RequiredReason(call), cancellationToken);
            }
            catch (ArgumentOutOfRangeException exception)
            {
                throw new CliException(ExitCode.Usage, exception.Message.Split(" (Parameter")[0]);
            }
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteMembers(writer, change));
            else
                call.Line($"The number of nodes changes from {change.PreviousNodes} to {change.Nodes}.");
            return ExitCode.Done;
        });
    }

    private static Capacity CapacityOf(OpenStore open) => Capacity.Of(open.HomeStore);

    private static void Write(ToolInvocation call, CapacityStatus status)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => WriteMembers(writer, status));
            return;
        }
        if (status.Nodes is not { } nodes)
        {
            call.Line("No application with UseCapacity has run with this store.");
            return;
        }
        call.Line($"Nodes: {nodes}, from {status.MinNodes} to {status.MaxNodes}."
            + (status.CoolsDownUntil is { } until ? $" No change before {EventView.TimeOf(until)}." : ""));
        var table = new TextTable("time", "#from", "#to", "reason", "state", "explanation");
        foreach (var change in status.Changes)
            table.Add(
                EventView.TimeOf(change.At),
                change.PreviousNodes.ToString(CultureInfo.InvariantCulture),
                change.Nodes.ToString(CultureInfo.InvariantCulture),
                NameOf(change.Reason) + (change.By is { } by ? $" {by}" : ""),
                NameOf(change.State),
                change.Error is { } error ? $"{change.Explanation} {error}" : change.Explanation);
        table.Write(call, "The number has not changed.");
    }

    private static void WriteMembers(Utf8JsonWriter writer, CapacityStatus status)
    {
        if (status.Nodes is { } nodes)
            writer.WriteNumber("nodes"u8, nodes);
        writer.WriteNumber("minNodes"u8, status.MinNodes);
        writer.WriteNumber("maxNodes"u8, status.MaxNodes);
        if (status.CoolsDownUntil is { } until)
            writer.WriteString("coolsDownUntil"u8, until);
        writer.WriteStartArray("changes"u8);
        foreach (var change in status.Changes)
        {
            writer.WriteStartObject();
            WriteMembers(writer, change);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter writer, CapacityChange change)
    {
        writer.WriteString("id"u8, change.Id);
        writer.WriteNumber("nodes"u8, change.Nodes);
        writer.WriteNumber("previousNodes"u8, change.PreviousNodes);
        writer.WriteString("reason"u8, NameOf(change.Reason));
        writer.WriteString("explanation"u8, change.Explanation);
        writer.WriteString("at"u8, change.At);
        if (change.By is { } by)
            writer.WriteString("by"u8, by);
        writer.WriteString("state"u8, NameOf(change.State));
        writer.WriteNumber("attempts"u8, change.Attempts);
        if (change.Error is { } error)
            writer.WriteString("error"u8, error);
        if (change.EndedAt is { } endedAt)
            writer.WriteString("endedAt"u8, endedAt);
    }

    private static string NameOf(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
