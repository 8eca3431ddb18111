using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Storage.Archives;

namespace Millrace.Cli.Commands;

/// <summary>Archives events in object storage, and checks and restores archives.</summary>
internal static class ArchiveCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("archive", "Moves contents of old events to Parquet segments, and back.")
        {
            Examples =
            [
                ("archive run --to archive/ --older-than 365d", "Streams without events for a year"),
                ("archive check", "Reads all segments. Exit code 0 if each archived event can be read"),
                ("archive restore order-42", "Moves a stream back to the store"),
            ],
        };
        command.Subcommands.Add(ArchiveRunCommand.Create());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Check());
        command.Subcommands.Add(Restore());
        return command;
    }

    /// <summary>Returns the archive of a store; null if the store has none.</summary>
    /// <exception cref="CliException">The address of the place is unknown.</exception>
    public static async Task<StoreArchive?> Find(OpenStore open, CancellationToken cancellationToken) =>
        await StoreArchive.FindPlace(open.Store, cancellationToken) is { } place
            ? new StoreArchive(
                open.Store,
                new ArchiveOptions { Place = ArchivePlaces.Open(place), Format = new ParquetArchiveFormat() })
            : null;

    private static ToolCommand List()
    {
        var command = new ToolCommand("list", "Lists the segments of the archive.")
        {
            Examples =
            [
                ("archive list", "Each segment with its positions and size"),
                ("archive list --json", "For programs"),
            ],
        };
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var archive = await Find(open, cancellationToken);
            var segments = archive is null ? [] : await archive.List(cancellationToken).ToListAsync(cancellationToken);
            if (call.IsJson)
            {
                JsonOutput.Array(call, segments, WriteMembers);
                return ExitCode.Done;
            }
            Write(call, segments);
            if (archive is not null && await archive.FindLastRun(cancellationToken) is { } run)
                call.Line(TextOf(run));
            return ExitCode.Done;
        });
    }

    private static ToolCommand Check()
    {
        var command = new ToolCommand("check", "Reads all segments, and checks that each archived event is in one.")
        {
            Examples =
            [
                ("archive check", "Exit code 0 if each archived event can be read, otherwise 5"),
                ("archive check --json", "With the names of damaged segments"),
            ],
        };
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var report = new ArchiveCheckReport(0, 0, 0, [], []);
            using (var bar = new ProgressIndicator(call))
            {
                if (await Find(open, cancellationToken) is { } archive)
                    report = await archive.Check(bar, cancellationToken);
            }
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteMembers(writer, report));
            else
                Write(call, report);
            return report.IsSound ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static ToolCommand Restore()
    {
        var stream = new Argument<string?>("stream")
        {
            Description = "The name of the stream, which may be deleted or closed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var all = new Option<bool>("--all")
        {
            Description = "All streams. Applications can then open the store without the archive.",
        };
        var by = ArchiveRunCommand.By();
        var command = new ToolCommand("restore", "Moves archived events back to the store. Their segments stay.")
        {
            Examples =
            [
                ("archive restore order-42", "One stream"),
                ("archive restore --all", "Ends the use of the archive"),
            ],
        };
        command.Arguments.Add(stream);
        command.Options.Add(all);
        command.Options.Add(by);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var text = call.Get(stream);
            if (text is null != call.Get(all))
                throw new CliException(
                    ExitCode.Usage, "Specify either a stream or --all.", "millrace archive restore order-42");
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            StreamId? name = text is null ? null : new StreamId(text);
            var events = 0L;
            using (var bar = new ProgressIndicator(call))
            {
                if (await Find(open, cancellationToken) is { } archive)
                    events = name is { } one
                        ? await archive.Restore(one, call.Get(by), cancellationToken)
                        : await archive.RestoreAll(call.Get(by), bar, cancellationToken);
            }
            if (call.IsJson)
                JsonOutput.Object(call, writer =>
                {
                    if (name is { } one)
                        writer.WriteString("stream"u8, one.Value);
                    writer.WriteNumber("events"u8, events);
                });
            else
                call.Line($"Restored {Counted.Of(events, "event")} of {name?.Value ?? "all streams"} to the store.");
            return ExitCode.Done;
        });
    }

    private static void Write(ToolInvocation call, IReadOnlyList<ArchiveSegment> segments)
    {
        var table = new TextTable(
            "#number", "~segment", "state", "#events", "#first position", "#last position", "#size", "started", "by");
        foreach (var one in segments)
        {
            table.Add(
                TextTable.Number(one.Number),
                one.Name,
                TextOf(one.State),
                TextTable.Number(one.Events),
                TextTable.Number(one.FirstPosition),
                TextTable.Number(one.LastPosition),
                ByteSizeText.Of(one.Bytes),
                EventView.TimeOf(one.At),
                one.By ?? "");
        }
        table.Write(call, "There are no archived events.");
    }

    private static void WriteMembers(Utf8JsonWriter writer, ArchiveSegment segment)
    {
        writer.WriteNumber("number"u8, segment.Number);
        writer.WriteString("name"u8, segment.Name);
        writer.WriteString("state"u8, TextOf(segment.State));
        writer.WriteNumber("events"u8, segment.Events);
        writer.WriteNumber("firstPosition"u8, segment.FirstPosition);
        writer.WriteNumber("lastPosition"u8, segment.LastPosition);
        writer.WriteNumber("sizeBytes"u8, segment.Bytes);
        writer.WriteString("sha256"u8, segment.Sha256);
        writer.WriteString("at"u8, segment.At);
        if (segment.By is { } by)
            writer.WriteString("by"u8, by);
    }

    private static string TextOf(ArchiveScheduledRun run) =>
        $"Last scheduled run: {EventView.TimeOf(run.StartedAt)}, "
            + (run.Error is { } error ? $"failed: {error}"
                : run.EndedAt is null ? "not ended"
                : $"archived {Counted.Of(run.Events, "event")} in {Counted.Of(run.Segments, "segment")}")
            + ".";

    private static string TextOf(ArchiveSegmentState state) => state switch
    {
        ArchiveSegmentState.Pending => "pending",
        ArchiveSegmentState.Archived => "archived",
        _ => "unused",
    };

    private static void Write(ToolInvocation call, ArchiveCheckReport report)
    {
        foreach (var problem in report.Problems)
            call.Line(problem);
        call.Line(
            $"Read {Counted.Of(report.Segments, "segment")} with {Counted.Of(report.Events, "archived event")}. "
                + $"Unused events: {TextTable.Number(report.UnusedEvents)}. "
                + $"Damaged segments: {TextTable.Number(report.DamagedSegments.Count)}.");
        call.Line(report.IsSound
            ? "Each archived event can be read."
            : report.PlaceProblem is { } placeProblem
                ? $"The other segments were not checked: {placeProblem}"
                : "Restore the damaged segments from a copy of the place.");
    }

    private static void WriteMembers(Utf8JsonWriter writer, ArchiveCheckReport report)
    {
        writer.WriteBoolean("isSound"u8, report.IsSound);
        writer.WriteNumber("segments"u8, report.Segments);
        writer.WriteNumber("events"u8, report.Events);
        writer.WriteNumber("unusedEvents"u8, report.UnusedEvents);
        writer.WriteStartArray("damagedSegments"u8);
        foreach (var name in report.DamagedSegments)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
        writer.WriteStartArray("problems"u8);
        foreach (var problem in report.Problems)
            writer.WriteStringValue(problem);
        writer.WriteEndArray();
        if (report.PlaceProblem is { } placeProblem)
            writer.WriteString("placeProblem"u8, placeProblem);
    }
}
