using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Writes matching events as JSON lines.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var filter = new FilterOptions();
        var command = new ToolCommand(
            "replay", "Writes matching events to standard output as JSON lines, oldest first.")
        {
            Examples =
            [
                ("replay > log.ndjson", "The whole log"),
                (
                    "replay --type order.placed --since 2011-12-01 | jq .data.amount",
                    "Process events with other tools"),
                ("replay --after 1042", "Continue after a position"),
            ],
        };
        var range = new RangeOptions().AddTo(command);
        filter.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var json = new EventJson(call.Bytes);
            using var bar = new ProgressIndicator(call);
            await open.Store.Replay(
                filter.Of(call),
                (recorded, _) =>
                {
                    json.Write(recorded);
                    return ValueTask.CompletedTask;
                },
                range.Of(call, bar, "replayed"),
                cancellationToken);
            return ExitCode.Done;
        });
    }
}
