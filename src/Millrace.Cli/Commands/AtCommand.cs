using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Shared.Json;

namespace Millrace.Cli.Commands;

/// <summary>
/// Shows an entity at an earlier position of the log: its state, its read models and its dead letters.
/// </summary>
internal static class AtCommand
{
    public static Command Create()
    {
        var when = new Argument<string?>("when")
        {
            Description = "A position of the log, a time, an age (90s, 15m, 2h, 7d), or now.",
            // The parser does not require this argument before a subcommand, so the command checks it.
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new ToolCommand(
            "at", "Shows an entity at an earlier position of the log, or the differences between two positions.")
        {
            Examples =
            [
                ("at 2h show order-42 --build out", "State, read models and dead letters of an order two hours ago"),
                ("at 1042 show order-42 --and now", "The differences since position 1042, with $MILLRACE_BUILD"),
            ],
        };
        command.Arguments.Add(when);
        command.Subcommands.Add(Show(when));
        return command;
    }

    private static ToolCommand Show(Argument<string?> when)
    {
        var entity = new Argument<string>("entity")
        {
            Description =
                "The entity's stream, category-id; or its category and the value of a tag of its events.",
        };
        var build = BuildOption.Create();
        var and = new Option<string?>("--and")
        {
            HelpName = "WHEN",
            Description = "A later position or time, or now: shows the differences instead.",
        };
        var seconds = SearchTimeoutOption.Create();
        var command = new ToolCommand(
            "show", "Shows the state of an entity, the documents that contain its events, and its dead letters.")
        {
            Examples =
            [
                ("at 2011-12-05T10:22:01Z show order-42 --build out", "As of a time"),
                ("at 1042 show order-42 --and 1100 --json", "The difference between two positions, for programs"),
            ],
        };
        command.Arguments.Add(entity);
        command.Options.Add(build);
        command.Options.Add(and);
        command.Options.Add(seconds);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                if (call.Get(when) is not { } moment)
                    throw new CliException(
                        ExitCode.Usage, "No position or time was specified.",
                            "Specify one: 'millrace at 2h show order-42'.");
                var limit = SearchTimeoutOption.Of(call, seconds);
                var loaded = BuildOption.Load(call, build);
                await using var open = await OpenStore.Existing(call, loaded.Catalog.EventTypes, cancellationToken);
                var explanations = Explanations.Of(open.Store, loaded.Catalog, loaded.Tables);
                var name = new StreamId(call.Get(entity));
                var stream =
                    await explanations.FindStream(name, cancellationToken)
                    ?? throw new CliException(
                        ExitCode.NotFound,
                        $"Stream '{name}' does not exist, and no stream of its category has a tag with that value.",
                        await new StreamNames(open).Suggest(name.Value, cancellationToken));
                var first = await HistoryPoint.Parse(open, moment, cancellationToken);
                if (call.Get(and) is not { } later)
                    return Answer(
                        call, await explanations.Show(stream, first.OriginalMoment, limit, cancellationToken));
                var other = await HistoryPoint.Parse(open, later, cancellationToken);
                if (other.Position < first.Position || other.Time < first.Time)
                    throw new CliException(ExitCode.Usage,
                        "--and must not be earlier than the first position or time.");
                return Answer(
                    call,
                    await explanations.Compare(
                        stream, first.OriginalMoment, other.OriginalMoment, limit, cancellationToken));
            }
        );
    }

    private static ExitCode Answer(ToolInvocation call, EntityView view)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => EntityJson.WriteMembers(writer, view));
        else
            EntityText.Write(call, view);
        return !view.IsComplete ? ExitCode.Incomplete : view.Exists ? ExitCode.Done : ExitCode.NotFound;
    }

    private static ExitCode Answer(ToolInvocation call, EntityDifference difference)
    {
        if (call.IsJson)
            JsonOutput.Object(call, writer => EntityJson.WriteMembers(writer, difference));
        else
            EntityText.Write(call, difference);
        return !difference.IsComplete ? ExitCode.Incomplete
            : difference.Before.Exists || difference.After.Exists ? ExitCode.Done
            : ExitCode.NotFound;
    }
}
