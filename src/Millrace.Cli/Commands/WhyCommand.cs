using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Shared.Json;
using Millrace.Shared.Settings;

namespace Millrace.Cli.Commands;

/// <summary>Explains the value of a read model, an aggregate or a decider.</summary>
internal static class WhyCommand
{
    private const int DefaultChanges = 10;

    public static Command Create()
    {
        var path = new Argument<string>("value")
        {
            Description =
                "A member of a document, read-model/key.member, or of an aggregate or decider, category-id.member, or "
                    + "the whole document or state.",
        };
        var build = BuildOption.Create();
        var maxChanges = new Option<int>("--most")
        {
            HelpName = "N",
            Description = "The maximum number of changes to show; 0 for only the last one.",
            DefaultValueFactory = _ => DefaultChanges,
        };
        var all = new Option<bool>("--all") { Description = "Shows all changes, up to 10,000." };
        var at = new Option<string?>("--at")
        {
            HelpName = "WHEN",
            Description = "Explains the value at an earlier position of the log, time or age.",
        };
        var seconds = SearchTimeoutOption.Create();
        var continuation = new Option<string?>("--go-on")
        {
            HelpName = "TEXT",
            Description = "Continues a search for the same value, with the text that it returned.",
        };
        var command = new ToolCommand(
            "why",
            "Explains a value: its rule, event, command, user, build and previous values, by replaying the events of "
                + "its key."
        )
        {
            Examples =
            [
                ("why daily-sales/2011-12-05.total --build out", "The origin of a member of a document"),
                ("why daily-sales/2011-12-05 --all", "All events that changed a document, with $MILLRACE_BUILD"),
                ("why order-42.status --at 2h", "The origin of an aggregate's state two hours ago"),
                ("why order-totals/order-42 --build out", "The statements for a key of your own tables"),
            ],
        };
        command.Arguments.Add(path);
        foreach (var option in (Option[])[build, maxChanges, all, at, seconds, continuation])
            command.Options.Add(option);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            if (call.Get(maxChanges) is < 0 or > 10_000)
                throw new CliException(ExitCode.Usage, "--most must be from 0 to 10,000.");
            var limit = SearchTimeoutOption.Of(call, seconds);
            var loaded = BuildOption.Load(call, build);
            await using var open = await ShardStores.Existing(call, loaded.Catalog.EventTypes, cancellationToken);
            var options = new ExplanationOptions
            {
                Most = call.Get(all) ? 10_000 : Math.Max(1, call.Get(maxChanges)),
                Moment = call.Get(at) is { } moment
                    ? (await HistoryPoint.Parse(open, moment, cancellationToken)).OriginalMoment
                    : HistoryMoment.Now,
                TimeLimit = limit,
                Continuation = call.Get(continuation),
            };
            var explanation = await Explain(open, loaded, call.Get(path), options, cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => ExplanationJson.WriteMembers(writer, explanation));
            else
                Write(call, explanation, withHistory: call.Get(all) || call.Get(maxChanges) > 0);
            return CodeOf(explanation);
        });
    }

    private static ExitCode CodeOf(Explanation explanation) =>
        !explanation.IsComplete || explanation.OtherParts.Any(static part => !part.IsComplete) ? ExitCode.Incomplete
        : explanation.Events > 0 ? ExitCode.Done
        : ExitCode.NotFound;

    private static void Write(ToolInvocation call, Explanation explanation, bool withHistory)
    {
        if (explanation.OtherParts.Count > 0)
        {
            call.Line(
                $"{explanation.OtherParts.Count + 1} shards have a part of this document. The read model combines "
                    + "them.");
        }
        foreach (var part in (Explanation[])[explanation, .. explanation.OtherParts])
        {
            if (part.Shard is { } shard)
                call.Line($"Shard {shard}, whose log has the positions:");
            new ExplanationText(call, part).Write(withHistory);
        }
    }

    private static async Task<Explanation> Explain(
        OpenStore open, ModelBuild build, string path, ExplanationOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await open.Explanations(build.Catalog, build.Tables).Explain(path, options, cancellationToken);
        }
        catch (NothingToExplainException exception)
        {
            var similar = NameSuggestions.To(exception.Name, exception.Known);
            throw new CliException(
                ExitCode.NotFound,
                exception.Message,
                similar is null ? MissingTables(build) : $"Did you mean '{similar}'?");
        }
    }

    /// <summary>Returns a hint when the build has projections that only the running application can create.</summary>
    private static string? MissingTables(ModelBuild build) =>
        build.MissingTables.Count == 0
            ? null
            : $"The tool cannot create {string.Join(", ", build.MissingTables)}, whose constructors take arguments. "
                + "Ask the running application: GET /millrace/why?path=….";
}
