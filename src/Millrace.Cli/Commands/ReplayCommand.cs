using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>Writes the events that match as JSON lines.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var filter = new FilterOptions();
        var after = new Option<long>("--after")
        {
            HelpName = "POSITION",
            Description = "Begins behind this position.",
            DefaultValueFactory = _ => 0,
        };
        var to = new Option<long?>("--to")
        {
            HelpName = "POSITION",
            Description = "Ends with this position; by default where the log ends at the start.",
        };
        var command = new ToolCommand("replay", "Writes the events that match to standard output as JSON lines, oldest first.")
        {
            Examples =
            [
                ("replay > log.ndjson", "The whole log"),
                ("replay --type order.placed --since 2011-12-01 | jq .data.total", "Work on some events with other tools"),
                ("replay --after 1000000", "Go on behind a position"),
            ],
        };
        command.Options.Add(after);
        command.Options.Add(to);
        filter.AddTo(command);
        return command.DoesWithStore(async (call, open, cancellationToken) =>
        {
            var json = new EventJson(call.Bytes);
            using var bar = new ProgressLine(call);
            var options = new ReplayOptions
            {
                After = call.Get(after),
                To = call.Get(to),
                Progress = new ProgressTo<ReplayProgress>(progress => bar.Show("replayed", progress.Position, progress.To)),
            };
            await open.Store.Replay(
                filter.Of(call),
                (recorded, _) =>
                {
                    json.Write(recorded);
                    return ValueTask.CompletedTask;
                },
                options,
                cancellationToken);
            return ExitCode.Done;
        });
    }
}
