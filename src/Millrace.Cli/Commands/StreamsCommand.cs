using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists streams.</summary>
internal static class StreamsCommand
{
    public static Command Create()
    {
        var prefix = new Argument<string>("prefix")
        {
            Description = "The prefix of the names; all streams by default.",
            DefaultValueFactory = _ => "",
        };
        var limit = new Option<int>("--limit", "-n")
        {
            HelpName = "N",
            Description = "The maximum number of streams; 0 for all.",
            DefaultValueFactory = _ => 50,
        };
        var after = new Option<string?>("--after") { HelpName = "NAME", Description = "Continues after this name." };
        var categories = new Option<bool>("--categories", "-c")
        {
            Description = "Lists categories instead: the part of stream names before the first '-'.",
        };
        var command = new ToolCommand("streams", "Lists streams by prefix.")
        {
            Examples =
            [
                ("streams", "The first 50 streams"),
                ("streams order-", "Streams with this prefix, such as order-42"),
                ("streams order-53 --limit 0", "All streams with this prefix"),
                ("streams --categories", "All categories"),
            ],
        };
        command.Arguments.Add(prefix);
        command.Options.Add(limit);
        command.Options.Add(after);
        command.Options.Add(categories);
        return command.SetShardsHandler((call, open, cancellationToken) => call.Get(categories)
            ? ListCategories(call, open, call.Get(prefix), cancellationToken)
            : List(call, open, call.Get(prefix), call.Get(after), call.Get(limit), cancellationToken));
    }

    private static async Task<ExitCode> List(
        ToolInvocation call,
        OpenStore open,
        string prefix,
        string? after,
        int limit,
        CancellationToken cancellationToken)
    {
        var names = new StreamNames(open);
        var streams = await names.List(prefix, after, limit == 0 ? int.MaxValue : limit + 1, cancellationToken);
        var hasMore = limit > 0 && streams.Count > limit;
        if (hasMore)
            streams.RemoveAt(limit);
        if (call.IsJson)
        {
            JsonOutput.Array(call, streams, WriteMembers);
            return ExitCode.Done;
        }
        if (streams.Count == 0)
        {
            call.Line(prefix.Length == 0 ? "The store has no streams." : $"No stream name starts with '{prefix}'.");
            var categories = await names.Categories(cancellationToken);
            if (prefix.Length > 0 && categories.Count > 0)
                call.Line("Available: " + string.Join(", ", categories.Select(category => category + "-…")));
            return ExitCode.Done;
        }
        var rows = new TextTable("stream", "#version", "#events", "state");
        foreach (var stream in streams)
            rows.Add(
                stream.Stream.Value,
                TextTable.Number(stream.Version),
                TextTable.Number(stream.Events),
                StateOf(stream));
        rows.Write(call);
        if (hasMore)
            call.Line($"There are more. For all: --limit 0. For the next ones: --after {streams[^1].Stream}");
        return ExitCode.Done;
    }

    private static async Task<ExitCode> ListCategories(
        ToolInvocation call, OpenStore open, string prefix, CancellationToken cancellationToken)
    {
        var categories = (await new StreamNames(open).Categories(cancellationToken))
            .Where(category => category.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (call.IsJson)
            JsonOutput.Array(call, categories, (writer, category) => writer.WriteString("category"u8, category));
        else
            categories.ForEach(call.Line);
        return ExitCode.Done;
    }

    internal static void WriteMembers(Utf8JsonWriter writer, StreamInfo stream)
    {
        writer.WriteString("stream"u8, stream.Stream.Value);
        writer.WriteString("category"u8, stream.Stream.Category);
        writer.WriteNumber("version"u8, stream.Version);
        writer.WriteNumber("firstVersion"u8, stream.FirstVersion);
        writer.WriteNumber("events"u8, stream.Events);
        writer.WriteString("state"u8, StateOf(stream));
    }

    internal static string StateOf(StreamInfo stream) =>
        JsonNamingPolicy.CamelCase.ConvertName(stream.State.ToString());
}
