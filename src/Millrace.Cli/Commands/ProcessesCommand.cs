using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Manages processes.</summary>
internal static class ProcessesCommand
{
    /// <summary>In the JSON, the state of the entry that counts early events instead of instances.</summary>
    private const string EarlyEvents = "EarlyEvents";

    public static Command Create()
    {
        var command = new ToolCommand(
            "processes", "Shows processes step by step, and resumes, cancels, moves and checks them.")
        {
            Examples =
            [
                ("processes", "The number of instances of each process by state"),
                ("processes list fulfilment --state Held", "Those that need a decision"),
                ("processes check --build out", "Open instances that a new build could not continue"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(History());
        command.Subcommands.Add(ProcessDecisions.Resume());
        command.Subcommands.Add(ProcessDecisions.Cancel());
        command.Subcommands.Add(ProcessDecisions.Move());
        command.Subcommands.Add(Check());
        command.Subcommands.Add(ProcessDiagrams.Create());
        return command.SetStoreHandler(Count);
    }

    private static ToolCommand List()
    {
        var name = ProcessDecisions.Name();
        var state = new Option<ProcessState?>("--state")
        {
            HelpName = "STATE",
            Description = "Only instances in this state.",
        };
        var limit = new Option<int>("--limit", "-n")
        {
            HelpName = "N",
            Description = "The maximum number of instances.",
            DefaultValueFactory = _ => 100,
        };
        var command = new ToolCommand("list", "Lists instances of a process, last changed first.")
        {
            Examples =
            [
                ("processes list fulfilment", "The current steps of each instance, and why it is held or compensated"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(state);
        command.Options.Add(limit);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                if (call.Get(limit) is < 1 or > 1_000)
                    throw new CliException(ExitCode.Usage, "--limit must be from 1 to 1,000.");
                var query = new ProcessQuery
                {
                    Process = call.Get(name),
                    State = call.Get(state),
                    Limit = call.Get(limit),
                };
                var page = await Processes.Of(open.Store).List(query, cancellationToken);
                if (call.IsJson)
                {
                    JsonOutput.Array(call, page.Instances, ProcessDecisions.Write);
                    return ExitCode.Done;
                }
                if (page.Instances.Count == 0)
                {
                    call.Line("No instances match.");
                    return ExitCode.Done;
                }
                var rows = new TextTable("instance", "state", "steps", "#version", "changed", "due", "~reason");
                foreach (var instance in page.Instances)
                {
                    rows.Add(
                        instance.Id,
                        instance.State.ToString(),
                        string.Join(", ", instance.Steps),
                        TextTable.Number(instance.Version),
                        EventView.TimeOf(instance.ChangedAt),
                        instance.Due is { } due
                            ? due == DateTimeOffset.UnixEpoch
                                ? "now"
                                : EventView.TimeOf(due)
                            : "",
                        instance.Reason ?? "");
                }
                rows.Write(call);
                return ExitCode.Done;
            }
        );
    }

    private static ToolCommand History()
    {
        var (name, id) = (ProcessDecisions.Name(), ProcessDecisions.Id());
        var command = new ToolCommand("history", "Shows the history of an instance, step by step.")
        {
            Examples =
            [
                ("processes history fulfilment order-42", "Each step, decision and compensation, with its result"),
            ],
        };
        command.Arguments.Add(name);
        command.Arguments.Add(id);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                var entries = await Processes.Of(open.Store).History(call.Get(name), call.Get(id), cancellationToken);
                if (entries.Count == 0)
                    throw new CliException(
                        ExitCode.NotFound, $"The process '{call.Get(name)}' has no instance '{call.Get(id)}'.");
                if (call.IsJson)
                {
                    JsonOutput.Array(call, entries, WriteEntry);
                    return ExitCode.Done;
                }
                var rows = new TextTable("#", "what", "step", "at", "by", "~reason");
                foreach (var entry in entries)
                    rows.Add(
                        TextTable.Number(entry.Version),
                        entry.Kind,
                        entry.Step ?? "",
                        EventView.TimeOf(entry.At),
                        entry.By ?? "",
                        entry.Reason ?? "");
                rows.Write(call);
                return ExitCode.Done;
            }
        );
    }

    private static ToolCommand Check()
    {
        var build = BuildOption.Create();
        var command = new ToolCommand(
            "check", "Replays all open instances with a build, and reports those that it could not continue.")
        {
            Examples =
            [
                (
                    "processes check --build out",
                    "Exit code 1 when one would be stuck: for a pipeline before deployment"),
            ],
        };
        command.Options.Add(build);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var loaded = BuildOption.Load(call, build).Catalog;
            await using var open = await OpenStore.OpenForReading(call, EventTypeMap.Empty, cancellationToken);
            var check = await Processes.Of(open.Store).Check(loaded.Processes, cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteCheck(writer, check));
            else
                ReportCheck(call, check);
            return check.Stuck.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static void ReportCheck(ToolInvocation call, ProcessCheck check)
    {
        call.Line($"{TextTable.Number(check.Open)} open, {TextTable.Number(check.Stuck.Count)} would be stuck.");
        if (check.Stuck.Count == 0)
            return;
        var rows = new TextTable("process", "instance", "#version", "~problem");
        foreach (var instance in check.Stuck)
            rows.Add(instance.Process, instance.Id, TextTable.Number(instance.Version), instance.Problem);
        rows.Write(call);
    }

    private static async Task<ExitCode> Count(ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var processes = Processes.Of(open.Store);
        var counts = new List<(string Process, string State, long Count)>();
        foreach (var name in await processes.ListNames(cancellationToken))
        {
            foreach (var state in Enum.GetValues<ProcessState>())
            {
                if (await processes.Count(name, state, cancellationToken) is > 0 and var count)
                    counts.Add((name, state.ToString(), count));
            }
            if (await processes.CountEarlyEvents(name, cancellationToken) is > 0 and var early)
                counts.Add((name, EarlyEvents, early));
        }
        if (call.IsJson)
        {
            JsonOutput.Array(call, counts, static (writer, row) =>
            {
                writer.WriteString("process"u8, row.Process);
                writer.WriteString("state"u8, row.State);
                writer.WriteNumber("instances"u8, row.Count);
            });
            return ExitCode.Done;
        }
        if (counts.Count == 0)
        {
            call.Line("No process has run on this store yet.");
            return ExitCode.Done;
        }
        ReportCounts(call, counts);
        return ExitCode.Done;
    }

    private static void ReportCounts(ToolInvocation call, List<(string Process, string State, long Count)> counts)
    {
        var rows = new TextTable("process", "state", "#instances");
        foreach (var (process, state, count) in counts.Where(one => one.State != EarlyEvents))
            rows.Add(process, state, TextTable.Number(count));
        rows.Write(call, empty: "No process has instances.");
        foreach (var (process, _, events) in counts.Where(one => one.State == EarlyEvents))
            call.Line(
                $"{process}: {Counted.Of(events, "event was", "events were")} dropped or refused before the start of "
                    + $"{(events == 1 ? "its instance" : "their instances")}.");
    }

    private static void WriteCheck(Utf8JsonWriter writer, ProcessCheck check)
    {
        writer.WriteNumber("open"u8, check.Open);
        writer.WriteStartArray("stuck"u8);
        foreach (var instance in check.Stuck)
        {
            writer.WriteStartObject();
            writer.WriteString("process"u8, instance.Process);
            writer.WriteString("id"u8, instance.Id);
            writer.WriteNumber("version"u8, instance.Version);
            writer.WriteString("problem"u8, instance.Problem);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteEntry(Utf8JsonWriter writer, ProcessEntry entry)
    {
        writer.WriteNumber("version"u8, entry.Version);
        writer.WriteString("what"u8, entry.Kind);
        if (entry.Step is not null)
            writer.WriteString("step"u8, entry.Step);
        writer.WriteString("at"u8, entry.At);
        if (entry.By is not null)
            writer.WriteString("by"u8, entry.By);
        if (entry.Reason is not null)
            writer.WriteString("reason"u8, entry.Reason);
        if (entry.Position is { } position)
            writer.WriteNumber("position"u8, position);
    }
}
