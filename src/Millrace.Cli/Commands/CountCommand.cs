using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Counts events.</summary>
internal static class CountCommand
{
    public static Command Create()
    {
        var filter = new FilterOptions();
        var command = new ToolCommand("count", "Counts the events that match.")
        {
            Examples =
            [
                ("count", "All events"),
                ("count --type order.placed --since 24h", "Orders of the last 24 hours"),
                ("count --stream order- --tag customer:17850", "A customer's events in orders"),
            ],
        };
        filter.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var events = await open.Store.Count(filter.Of(call), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => writer.WriteNumber("events"u8, events));
            else
                call.Line(TextTable.Number(events));
            return ExitCode.Done;
        });
    }
}
