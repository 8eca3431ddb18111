using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>Shows the parts of a build's model and how they are connected.</summary>
internal static class ModelCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "model", "Shows the model of a build of the application: events with their writers and readers, and more.")
        {
            Examples =
            [
                ("model --build out/Shop.dll", "The events, as 'model list'"),
                ("model list --build out/Shop.dll", "The events with their writers and readers"),
                ("model show order.paid --build out/Shop.dll", "One event, command, aggregate, query or read model"),
                ("model diagram --build out/Shop.dll --format html --out model.html", "An HTML page"),
                (
                    "model boundaries --build out/Shop.dll",
                    "Dependencies across the boundaries of aggregates and contexts"),
            ],
        };
        command.Subcommands.Add(ModelListCommand.Create());
        command.Subcommands.Add(ModelShowCommand.Create());
        command.Subcommands.Add(ModelBoundariesCommand.Create());
        command.Subcommands.Add(ModelDiagramCommand.Create());
        return ModelListCommand.ListEvents(command);
    }
}
