using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;
using Spectre.Console;

namespace Millrace.Cli.Commands;

/// <summary>Measures on a running application what batching, concurrency and caching gain.</summary>
internal static class TuneCommand
{
    private const string Path = "/tune";
    private const int MaxFactor = 4; // A run takes at most three times as long as requested.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var server = new ServerOptions();
        var consumer = new Option<string?>("--consumer")
        {
            HelpName = "NAME",
            Description = "The consumer to tune; by default the one of the node with the most load.",
        };
        var duration = new Option<TimeSpan>("--for")
        {
            HelpName = "DURATION",
            Description = "How long to measure, from 00:00:03 to 00:10:00. Longer is more exact.",
            DefaultValueFactory = static _ => Tuner.DefaultDuration,
        };
        var command = new ToolCommand(
            "tune",
            "Measures on a running application what batching, concurrency and caching gain. Changes its settings for "
                + "short intervals.")
        {
            Examples =
            [
                ("tune --server https://shop.example", "The consumer with the most load"),
                ("tune --server https://shop.example --consumer mail-sender --for 00:02:00", "More exact"),
            ],
        };
        server.AddTo(command);
        command.Options.Add(consumer);
        command.Options.Add(duration);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            using var client = server.Find(call)
                ?? throw new CliException(
                    ExitCode.Usage, "tune needs --server: only the running application has load to measure.");
            var length = call.Get(duration);
            if (length < Tuner.MinDuration || length > Tuner.MaxDuration)
                throw new CliException(ExitCode.Usage, "--for must be from 3 seconds to 10 minutes.");
            var body = new JsonObject { ["seconds"] = (int)Math.Ceiling(length.TotalSeconds) };
            if (call.Get(consumer) is { } name)
                body["consumer"] = name;
            var started = await client.Post(Path, body, cancellationToken);
            var report = await WaitOrCancel(client, started, length, call, cancellationToken);
            if (call.IsJson)
                ServerOutput.Write(call, report);
            else
                TuningText.Write(call, report);
            return ExitCodeOf(report);
        });
    }

    private static ExitCode ExitCodeOf(JsonElement report) => report.GetProperty("state").GetString() switch
    {
        nameof(TuningState.Completed) => ExitCode.Done,
        nameof(TuningState.Running) => ExitCode.Incomplete,
        nameof(TuningState.NoLoad) => ExitCode.Conflict,
        _ => ExitCode.Failed,
    };

    /// <summary>
    /// Reads the report until the run has ended. If the user interrupts the command, the run ends too.
    /// </summary>
    private static async Task<JsonElement> WaitOrCancel(
        ServerClient client,
        JsonElement started,
        TimeSpan length,
        ToolInvocation call,
        CancellationToken cancellationToken)
    {
        try
        {
            return await WaitForEnd(client, started, length, call.Time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(CancelTimeout, call.Time);
            try
            {
                await client.Delete(Path, limit.Token);
            }
            catch (CliException exception) when (exception.Code == ExitCode.NotFound)
            {
                // The run has ended.
            }
            catch (Exception exception) when (exception is CliException or OperationCanceledException)
            {
                call.Errors.WriteLine("The run could not be cancelled, and continues.");
            }
            throw;
        }
    }

    /// <summary>Reads the report until the run has ended. Any node can return it.</summary>
    private static async Task<JsonElement> WaitForEnd(
        ServerClient client,
        JsonElement started,
        TimeSpan length,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var id = started.GetProperty("id").GetString();
        var startedAt = time.GetTimestamp();
        var report = started;
        while (report.GetProperty("state").GetString() == nameof(TuningState.Running)
            && time.GetElapsedTime(startedAt) < (MaxFactor * length) + Margin)
        {
            await Task.Delay(PollInterval, time, cancellationToken);
            report = await client.Get(Path, cancellationToken);
            if (report.GetProperty("id").GetString() != id)
                throw new CliException(ExitCode.Failed, "Another run has started, and has replaced the report.");
        }
        return report;
    }
}
