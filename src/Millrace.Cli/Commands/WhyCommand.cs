using System.CommandLine;
using Millrace.Answers;
using Millrace.Cli.Builds;

namespace Millrace.Cli.Commands;

/// <summary>Tells why a value of a read model, an aggregate or a decider is what it is.</summary>
internal static class WhyCommand
{
    private const int DefaultChanges = 10;

    public static Command Create()
    {
        var path = new Argument<string>("value")
        {
            Description =
                "A member of a document, read-model/key.member, or of an aggregate or decider, category-id.member; or "
                    + "all of it.",
        };
        var build = BuildOption.Create();
        var most = new Option<int>("--most")
        {
            HelpName = "N",
            Description = "The most changes to show; 0 for the last one alone.",
            DefaultValueFactory = _ => DefaultChanges,
        };
        var all = new Option<bool>("--all") { Description = "Shows all changes, up to 10,000." };
        var at = new Option<string?>("--at")
        {
            HelpName = "WHEN",
            Description = "Why it was what it was then: a position of the log, a time, or how long ago.",
        };
        var seconds = SearchTimeoutOption.Create();
        var goOn = new Option<string?>("--go-on")
        {
            HelpName = "TEXT",
            Description = "Goes on where a search for the same value stopped: the text that it told.",
        };
        var command = new ToolCommand(
            "why",
            "Tells which rule, event, command, user and build gave a value, and the values before, by replaying its "
                + "key alone."
        )
        {
            Examples =
            [
                ("why daily-sales/2011-12-05.total --build out", "Why a member of a document is what it is"),
                ("why daily-sales/2011-12-05 --all", "Every event that changed a document, with $MILLRACE_BUILD"),
                ("why order-42.status --at 2h", "Why an aggregate was in that state two hours ago"),
                ("why order-totals/order-42 --build out", "The statements that a key gave tables of your own"),
            ],
        };
        command.Arguments.Add(path);
        foreach (var option in (Option[])[build, most, all, at, seconds, goOn])
            command.Options.Add(option);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            if (call.Get(most) is < 0 or > 10_000)
                throw new CliException(ExitCode.Usage, "--most must be from 0 to 10,000.");
            var limit = SearchTimeoutOption.Of(call, seconds);
            var loaded = BuildOption.Load(call, build);
            await using var open = await OpenStore.Existing(call, loaded.Catalog.EventTypes, cancellationToken);
            var options = new ExplanationOptions
            {
                Most = call.Get(all) ? 10_000 : Math.Max(1, call.Get(most)),
                Moment = call.Get(at) is { } when
                    ? (await HistoryPoint.Parse(open, when, cancellationToken)).OriginalMoment
                    : HistoryMoment.Now,
                TimeLimit = limit,
                GoOnFrom = call.Get(goOn),
            };
            var found = await Explain(open, loaded, call.Get(path), options, cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => ExplanationJson.WriteMembers(writer, found));
            else
                new ExplanationText(call, found).Write(withHistory: call.Get(all) || call.Get(most) > 0);
            return !found.IsComplete ? ExitCode.Incomplete : found.Events > 0 ? ExitCode.Done : ExitCode.NotFound;
        });
    }

    private static async Task<Explanation> Explain(
        OpenStore open, ModelBuild build, string path, ExplanationOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await Explanations
                .Of(open.Store, build.Catalog, build.Tables)
                .Explain(path, options, cancellationToken);
        }
        catch (NothingToExplainException nothing)
        {
            var near = NameSuggestions.To(nothing.Name, nothing.Known);
            throw new CliException(
                ExitCode.NotFound, nothing.Message, near is null ? MissingTables(build) : $"Did you mean '{near}'?");
        }
    }

    /// <summary>What can be done where the build has projections that only the running application can make.</summary>
    private static string? MissingTables(ModelBuild build) =>
        build.MissingTables.Count == 0
            ? null
            : $"The tool cannot make {string.Join(", ", build.MissingTables)}, whose constructors take arguments: ask "
                + $"the running application, "
                + "GET /millrace/why?path=….";
}
