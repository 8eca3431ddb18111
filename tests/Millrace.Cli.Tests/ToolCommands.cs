using System.CommandLine;

namespace Millrace.Cli.Tests;

/// <summary>Lists all visible commands of the tool, as the tool itself defines them.</summary>
internal static class ToolCommands
{
    /// <summary>Gets the commands by their full name, such as <c>consumers pause</c>.</summary>
    public static IReadOnlyDictionary<string, Command> All { get; } =
        Below(CommandLine.Parse([]).RootCommandResult.Command, "")
            .ToDictionary(found => found.Name, found => found.Command, StringComparer.Ordinal);

    private static IEnumerable<(string Name, Command Command)> Below(Command parent, string path) =>
        from command in parent.Subcommands
        where !command.Hidden
        let name = (path + " " + command.Name).Trim()
        from found in Below(command, name).Prepend((name, command))
        select found;
}
