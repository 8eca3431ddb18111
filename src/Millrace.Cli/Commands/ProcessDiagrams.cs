using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Draws a process of a build as a state diagram.</summary>
internal static class ProcessDiagrams
{
    public static ToolCommand Create()
    {
        var (name, build) = (ProcessDecisions.Name(), BuildOption.Create());
        var version = new Option<int?>("--definition")
        {
            HelpName = "N",
            Description = "The version of the process definition; the newest by default.",
        };
        var command = new ToolCommand(
            "diagram", "Writes a process of a build to standard output as a Mermaid state diagram.")
        {
            Examples =
            [
                ("processes diagram fulfilment --build out", "Its steps, compensations and waits"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(version);
        command.Options.Add(build);
        return command.SetHandler(
            async (call, _) =>
            {
                var all = BuildOption.Load(call, build).Catalog.Processes;
                var found = all.Where(one =>
                        one.Name == call.Get(name) && (call.Get(version) ?? one.Version) == one.Version)
                    .MaxBy(one => one.Version);
                if (found is null)
                {
                    var known = string.Join(
                        ", ",
                        all.Select(one => $"'{one.Name}' version {TextTable.Number(one.Version)}").Distinct().Order());
                    throw new CliException(
                        ExitCode.NotFound,
                        "The build has no process "
                            + $"'{call.Get(name)}'{(known.Length == 0 ? "" : $". Available: {known}")}."
                    );
                }
                if (call.IsJson)
                {
                    JsonOutput.Object(
                        call,
                        writer =>
                        {
                            writer.WriteString("process"u8, found.Name);
                            writer.WriteNumber("version"u8, found.Version);
                            writer.WriteString("diagram"u8, found.WriteDiagram());
                        }
                    );
                }
                else
                {
                    await call.Text.WriteAsync(found.WriteDiagram());
                }
                return ExitCode.Done;
            }
        );
    }
}
