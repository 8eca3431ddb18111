using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Reads one stream.</summary>
internal static class ReadCommand
{
    public static Command Create()
    {
        var stream = new Argument<string>("stream") { Description = "The full name of the stream." };
        var from = new Option<long?>("--from")
        {
            HelpName = "VERSION",
            Description = "The version to start from; by default the first, or with --backwards the last.",
        };
        var backwards = new Option<bool>("--backwards", "-b") { Description = "Reads newest events first." };
        var limit = new Option<int>("--limit", "-n")
        {
            HelpName = "N",
            Description = "The maximum number of events; 0 for all.",
            DefaultValueFactory = _ => 0,
        };
        var isShort = new Option<bool>("--short") { Description = "Writes one line for each event, without payloads." };
        var raw = new Option<bool>("--raw") { Description = "Writes only the stored bytes of the payloads." };
        var command = new ToolCommand("read", "Shows the events of one stream.")
        {
            Examples =
            [
                ("read order-42", "All events of a stream, with their payloads"),
                ("read order-42 --backwards -n 1", "Its last event"),
                ("read order-42 --from 3 --json", "From version 3, as JSON lines"),
                ("read order-42 --from 2 -n 1 --raw > event.bin", "The exact bytes of one payload"),
            ],
        };
        command.Arguments.Add(stream);
        foreach (var option in (Option[])[from, backwards, limit, isShort, raw])
            command.Options.Add(option);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var id = new StreamId(call.Get(stream));
            var isBackwards = call.Get(backwards);
            var first = call.Get(from) ?? (isBackwards ? long.MaxValue : 1);
            if (first < 1)
                throw new CliException(ExitCode.Usage, "--from must be at least 1.");
            var output = new EventOutput(call, call.Get(raw), call.Get(isShort));
            await Copy(open, id, first, isBackwards, call.Get(limit), output, cancellationToken);
            if (output.Count == 0)
                await RejectMissingStream(open, id, cancellationToken);
            return ExitCode.Done;
        });
    }

    private static async Task Copy(
        OpenStore open,
        StreamId stream,
        long first,
        bool isBackwards,
        int limit,
        EventOutput output,
        CancellationToken cancellationToken)
    {
        var events = isBackwards
            ? open.Store.ReadStreamBackwards(stream, first, cancellationToken)
            : open.Store.ReadStream(stream, first, cancellationToken);
        await foreach (var recorded in events)
        {
            output.Write(recorded);
            if (output.Count == limit)
                break;
        }
    }

    private static async Task RejectMissingStream(OpenStore open, StreamId stream, CancellationToken cancellationToken)
    {
        var info = await open.Store.GetStream(stream, cancellationToken);
        if (info is null)
        {
            var hint = await new StreamNames(open).Suggest(stream.Value, cancellationToken);
            throw new CliException(ExitCode.NotFound, $"Stream '{stream}' does not exist.", hint);
        }
        if (info.State != StreamState.Open)
            throw new CliException(
                ExitCode.NotFound,
                $"Stream '{stream}' was {(info.State == StreamState.Deleted ? "deleted" : "closed by a tombstone")}.");
    }
}
