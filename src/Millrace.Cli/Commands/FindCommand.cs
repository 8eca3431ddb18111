using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Finds one event.</summary>
internal static class FindCommand
{
    public static Command Create()
    {
        var id = new Argument<string>("event") { Description = "The event's id, or its position in the log." };
        var raw = new Option<bool>("--raw") { Description = "Writes only the stored bytes of the payload." };
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
            var text = call.Get(id);
            var found = await Find(open, text, cancellationToken) ?? throw new CliException(
                ExitCode.NotFound, $"Event '{text}' does not exist.", await Hint(open, text, cancellationToken));
            new EventOutput(call, call.Get(raw)).Write(found);
            return ExitCode.Done;
        });
    }

    private static async Task<RecordedEvent?> Find(OpenStore open, string text, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(text, out var id))
            return await open.Store.Find(id, cancellationToken);
        if (!LogPositionParser.TryParse(text, out var position) || position < 1)
        {
            throw new CliException(
                ExitCode.Usage,
                $"'{text}' is neither an event id nor a position.",
                "For a stream: millrace read order-42");
        }
        var page = await open.Store.ReadPage(
            new Storage.LogPageQuery(EventFilter.All, position, IsBackwards: false, Limit: 1), cancellationToken);
        return page.Events.FirstOrDefault(recorded => recorded.Position == position);
    }

    private static async Task<string> Hint(OpenStore open, string text, CancellationToken cancellationToken)
    {
        var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        return Guid.TryParse(text, out _)
            ? "'millrace verify' lists removed events."
            : $"The log ends at position {head}. Missing events before it were removed; 'millrace verify' lists them.";
    }
}
