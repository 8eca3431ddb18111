using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>What a build of the application consists of and how it hangs together.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "model", "Tells what a build of the application consists of: events with who writes and reads them.")
        {
            Examples =
            [
                ("model --build out/Shop.dll", "The same as model list: the events"),
                ("model list --build out/Shop.dll", "The events, who writes and who reads them"),
                ("model show order.paid --build out/Shop.dll", "One event, command, aggregate, query or read model"),
                ("model diagram --build out/Shop.dll --format html --out model.html", "A page to look at"),
                (
                    "model boundaries --build out/Shop.dll",
                    "What reaches across the boundaries of aggregates and contexts"),
            ],
        };
        command.Subcommands.Add(ModelListCommand.Create());
        command.Subcommands.Add(ModelShowCommand.Create());
        command.Subcommands.Add(ModelBoundariesCommand.Create());
        command.Subcommands.Add(ModelDiagramCommand.Create());
        return ModelListCommand.ListEvents(command);
    }
}
