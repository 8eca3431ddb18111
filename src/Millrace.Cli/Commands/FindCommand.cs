using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>Finds one event.</summary>
internal static class FindCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("event") { Description = "The event's id, or its position in the log." };
        var raw = new Option<bool>("--raw") { Description = "Only the stored bytes of the payload, as they are." };
        var command = new ToolCommand("find", "Shows one event, by its id or position.")
        {
            Examples =
            [
                ("find 0193b1c2-7c1e-7cc3-9b46-a1f0c5e2d3b4", "By its id"),
                ("find 1042", "By its position in the log"),
            ],
        };
        command.Arguments.Add(id);
        command.Options.Add(raw);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var wanted = call.Get(id);
            var found = await Find(open, wanted, cancellationToken) ?? throw new CliException(
                ExitCode.NotFound, $"There is no event '{wanted}'.", await Hint(open, wanted, cancellationToken));
            new EventOutput(call, call.Get(raw)).Write(found);
            return ExitCode.Done;
        });
    }

    private static async Task<RecordedEvent?> Find(OpenStore open, string wanted, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(wanted, out var id))
            return await open.Store.Find(id, cancellationToken);
        if (!LogPositionParser.TryParse(wanted, out var position) || position < 1)
        {
            throw new CliException(
                ExitCode.Usage,
                $"'{wanted}' is neither an event's id nor a position.",
                "Of a stream: millrace read order-42");
        }
        var page = await open.Store.ReadPage(
            new Storage.LogPageQuery(EventFilter.All, position, IsBackwards: false, Limit: 1), cancellationToken);
        return page.Events.FirstOrDefault(recorded => recorded.Position == position);
    }

    private static async Task<string> Hint(OpenStore open, string wanted, CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        return Guid.TryParse(wanted, out _)
            ? "Events that were removed are told by 'millrace verify'."
            : $"The log ends at position {head}; what is missing before was removed, as 'millrace verify' tells.";
    }
}
