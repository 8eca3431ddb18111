using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Shows the events that consumers could not handle.</summary>
internal static class DeadLettersCommand
{
    public static Command Create()
    {
        var command = new ToolCommand(
            "dead-letters", "Shows events that consumers could not handle, and retries, edits, skips or discards them.")
        {
            Examples =
            [
                ("dead-letters", "Failures by cause, most frequent first"),
                ("dead-letters list --consumer daily-sales@1", "Each event that failed or waits behind a failed one"),
                ("dead-letters show 7", "One with its event, its error and the events behind it"),
                ("dead-letters retry 7", "The application retries it within a second"),
            ],
        };
        command.Subcommands.Add(Groups());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(DeadLetterDecisions.Retry());
        command.Subcommands.Add(DeadLetterDecisions.Skip());
        command.Subcommands.Add(DeadLetterDecisions.Discard());
        command.Subcommands.Add(DeadLetterDecisions.Edit());
        command.Subcommands.Add(DeadLetterSimulations.Simulate());
        command.Subcommands.Add(DeadLetterSimulations.Cohort());
        return command.SetShardsHandler(
            (call, open, cancellationToken) => ShowGroups(call, open, null, cancellationToken));
    }

    private static ToolCommand Groups()
    {
        var consumer = new Option<string?>("--consumer", "-c")
        {
            HelpName = "NAME",
            Description = "Only those of one consumer.",
        };
        var command = new ToolCommand(
            "groups", "Groups dead letters by consumer and cause, most frequent first.")
        {
            Examples = [("dead-letters groups --json", "For programs")],
        };
        command.Options.Add(consumer);
        return command.SetShardsHandler(
            (call, open, cancellationToken) => ShowGroups(call, open, call.Get(consumer), cancellationToken));
    }

    private static ToolCommand List()
    {
        var command = new ToolCommand("list", "Lists dead letters by number.")
        {
            Examples =
            [
                ("dead-letters list --state Parked", "Those that need a decision"),
                ("dead-letters list --cause TimeoutException-3fa9c01b", "Those of one group"),
                ("dead-letters list --state Skipped --state Discarded", "Those that were skipped or discarded"),
            ],
        };
        var options = new DeadLetterOptions().AddQueryTo(command);
        return command.SetShardsHandler(
            async (call, open, cancellationToken) =>
            {
                var (all, query) = (open.DeadLetters(), options.Query(call));
                var letters = await all.List(query, cancellationToken);
                if (call.IsJson)
                {
                    JsonOutput.Array(call, letters, DeadLetterJson.WriteMembers);
                    return ExitCode.Done;
                }
                if (letters.Count == 0)
                {
                    call.Line("No dead letters match.");
                    return ExitCode.Done;
                }
                var rows = TextTable.Of(
                    open, "#id", "consumer", "state", "key", "#position", "type", "#tries", "~error or decision");
                foreach (var letter in letters)
                    rows.AddIn(letter.Shard, Cells(letter));
                rows.Write(call);
                var more = await RemainingDeadLetterCounter.Count(all, query, letters, cancellationToken);
                if (more > 0)
                    call.Line($"{TextTable.Number(more)} more. For the next ones, repeat the command with --after "
                        + $"{letters[^1].Id}.");
                return ExitCode.Done;
            }
        );
    }

    private static ToolCommand Show()
    {
        var id = new Argument<long>("letter") { Description = "The number of the dead letter, as 'list' shows it." };
        var command = new ToolCommand("show",
            "Shows a dead letter with its event, its error and the events that wait behind it.")
        {
            Examples =
            [
                ("dead-letters show 7", "All details"),
                (
                    "dead-letters show 7 --as-test Shop.Sales",
                    "A C# test that fails in the same way, for a projection of that model"),
                (
                    "dead-letters show 8 --as-test Shop.Sales --handler \"Shop.Mailer.Define(new FakeMail())\"",
                    "The same for a handler"),
            ],
        };
        var asTest = new Option<string?>("--as-test")
        {
            HelpName = "MODEL",
            Description = "Writes a C# test instead, for the given model class.",
        };
        var handler = new Option<string?>("--handler")
        {
            HelpName = "CODE",
            Description = "With --as-test, for a consumer with a handler: a C# expression for its ConsumerDefinition.",
        };
        command.Arguments.Add(id);
        command.Options.Add(asTest);
        command.Options.Add(handler);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var letters = open.DeadLetters();
            if (call.Get(asTest) is { } model)
            {
                call.Text.Write(await letters.WriteTest(call.Get(id), model, call.Get(handler), cancellationToken));
                return ExitCode.Done;
            }
            var view = await letters.Show(call.Get(id), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => DeadLetterJson.WriteView(writer, view));
            else
                DeadLetterText.Write(call, view);
            return ExitCode.Done;
        });
    }

    private static async Task<ExitCode> ShowGroups(
        ToolInvocation call, OpenStore open, string? consumer, CancellationToken cancellationToken)
    {
        var groups = await open.DeadLetters().ListGroups(consumer, cancellationToken: cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, groups, DeadLetterJson.WriteGroup);
            return ExitCode.Done;
        }
        if (groups.Count == 0)
        {
            call.Line("There are no dead letters.");
            return ExitCode.Done;
        }
        var rows = TextTable.Of(open, "consumer", "cause", "#dead letters", "since", "last", "#first");
        foreach (var group in groups)
            rows.AddIn(group.Shard, Cells(group));
        rows.Write(call);
        foreach (var group in groups.DistinctBy(group => group.Cause)) // Below the table: a cell is too narrow.
            call.Line($"{group.Cause}: {group.Sample.Message}");
        return ExitCode.Done;
    }

    private static string[] Cells(DeadLetterGroup group) =>
    [
        group.Consumer,
        group.Cause,
        TextTable.Number(group.DeadLetters),
        EventView.TimeOf(group.FirstFailedAt),
        EventView.TimeOf(group.LastFailedAt),
        group.Sample.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
    ];

    private static string[] Cells(DeadLetter letter) =>
    [
        letter.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        letter.Consumer,
        letter.State.ToString(),
        letter.Key.Length == 0 ? $"(stream {letter.Stream})" : letter.Key,
        TextTable.Number(letter.Position),
        letter.EventType,
        TextTable.Number(letter.Attempts),
        DeadLetterText.ErrorOrDecision(letter) ?? "",
    ];
}
