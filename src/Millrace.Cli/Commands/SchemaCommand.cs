using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>The shapes of events: those that a build of the application knows, and those that are stored.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("schema", "Looks at the shapes of events that a build of the application knows.")
        {
            Examples =
            [
                ("schema list --build out/Shop.dll", "What this build writes and reads"),
                ("schema check --build out/Shop.dll", "Whether it reads all that is stored"),
            ],
        };
        command.Subcommands.Add(SchemaListCommand.Create());
        command.Subcommands.Add(SchemaCheckCommand.Create());
        command.Subcommands.Add(SchemaAcceptCommand.Create());
        return command;
    }
}
