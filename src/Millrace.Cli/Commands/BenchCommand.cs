using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Measures the throughput of a store on a disk.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var seconds = new Option<int>("--seconds")
        {
            HelpName = "N",
            Description = "The duration of each measurement, from 1 to 60.",
            DefaultValueFactory = _ => 2,
        };
        var directory = new Option<string>("--directory")
        {
            HelpName = "DIR",
            Description = "The folder of the scratch file, which is deleted afterwards.",
            DefaultValueFactory = _ => ".",
        };
        var command = new ToolCommand(
            "bench", "Measures appends and reads on a scratch file, to show what this machine and disk can do.")
        {
            Examples =
            [
                ("bench", "The disk of this directory, in half a minute"),
                ("bench --directory data --seconds 1 --json", "Another disk, with JSON output"),
            ],
        };
        command.Options.Add(seconds);
        command.Options.Add(directory);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            if (call.Get(seconds) is < 1 or > 60)
                throw new CliException(ExitCode.Usage, "--seconds must be from 1 to 60.");
            if (!Directory.Exists(call.Get(directory)))
                throw new CliException(ExitCode.Usage, $"Directory '{call.Get(directory)}' does not exist.");
            var results = await new ScratchBench(
                call, call.Get(directory)!, TimeSpan.FromSeconds(call.Get(seconds))).Run(cancellationToken);
            Write(call, results);
            return ExitCode.Done;
        });
    }

    private static void Write(ToolInvocation call, IReadOnlyList<ScratchResult> results)
    {
        if (call.IsJson)
        {
            JsonOutput.Array(call, results, (writer, result) =>
            {
                writer.WriteString("name"u8, result.Name);
                writer.WriteNumber("eventsPerSecond"u8, Math.Round(result.EventsPerSecond));
                if (result.P50Ms is { } p50 && result.P99Ms is { } p99)
                {
                    writer.WriteNumber("p50ms"u8, Math.Round(p50, 4));
                    writer.WriteNumber("p99ms"u8, Math.Round(p99, 4));
                }
            });
            return;
        }
        var rows = new TextTable("measure", "#events/s", "#p50 ms", "#p99 ms");
        foreach (var result in results)
            rows.Add(
                result.Name,
                TextTable.Number((long)result.EventsPerSecond),
                Milliseconds(result.P50Ms),
                Milliseconds(result.P99Ms));
        rows.Write(call);
    }

    private static string Milliseconds(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "";
}
