using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Shows the end of the log, and follows it.</summary>
internal static class TailCommand
{
    public static Command Create()
    {
        var filter = new FilterOptions();
        var follow = new Option<bool>("--follow", "-f")
        {
            Description = "Waits for new events and shows them, until Ctrl-C.",
        };
        var last = new Option<int>("--last", "-n")
        {
            HelpName = "N",
            Description = "The number of latest events to start with; at most 10,000.",
            DefaultValueFactory = _ => 10,
        };
        var after = new Option<long?>("--after")
        {
            HelpName = "POSITION",
            Description = "Starts after this position, not with the latest events.",
        };
        var isLong = new Option<bool>("--long", "-l")
        {
            Description = "Shows payloads. By default, each event is one line.",
        };
        var command = new ToolCommand("tail", "Shows the latest events, and can follow new ones.")
        {
            Examples =
            [
                ("tail", "The last ten events"),
                ("tail -f", "Follow all new events"),
                ("tail -f --type order.paid --long", "Follow payments, with their payloads"),
                ("tail -f --after 1042 --json", "All events after a position and new ones, as JSON lines"),
            ],
        };
        foreach (var option in (Option[])[follow, last, after, isLong])
            command.Options.Add(option);
        filter.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(last) is < 0 or > 10_000)
                throw new CliException(ExitCode.Usage, "--last must be from 0 to 10,000.");
            var output = new EventOutput(call, isShort: !call.Get(isLong));
            var events = filter.Of(call);
            var position = call.Get(after) ?? await ShowLast(open, events, call.Get(last), output, cancellationToken);
            if (call.Get(after) is not null || call.Get(follow))
                await Follow(call, open, events, position, call.Get(follow), output, cancellationToken);
            return ExitCode.Done;
        });
    }

    /// <summary>Shows the latest events, oldest first.</summary>
    /// <returns>The position to continue after.</returns>
    private static async Task<long> ShowLast(
        OpenStore open, EventFilter filter, int count, EventOutput output, CancellationToken cancellationToken)
    {
        var head = await open.Storage.Log.GetHead(cancellationToken);
        var found = new List<RecordedEvent>();
        if (count > 0)
        {
            await foreach (
                var recorded in open.Store.ReadLogBackwards(filter, Math.Max(1, head.Position), cancellationToken))
            {
                found.Add(recorded);
                if (found.Count == count)
                    break;
            }
        }
        for (var i = found.Count - 1; i >= 0; i--)
            output.Write(found[i]);
        return head.Position;
    }

    private static async Task Follow(
        ToolInvocation call, OpenStore open, EventFilter filter, long position, bool isEndless, EventOutput output,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = await open.Storage.Log.GetHead(cancellationToken);
            await foreach (var recorded in open.Store.ReadLog(filter, position, cancellationToken))
            {
                position = recorded.Position;
                output.Write(recorded);
            }
            call.Flush();
            if (!isEndless)
                return;
            position = Math.Max(position, head.Position);
            await open.Storage.Log.WaitForChange(new LogHead(head.Epoch, position), cancellationToken);
        }
    }
}
