using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Archives the events of streams.</summary>
internal static class ArchiveRunCommand
{
    public static Option<string> By() => new("--by")
    {
        HelpName = "NAME",
        Description = "The name of the user, which is recorded; by default the current user.",
        DefaultValueFactory = _ => Environment.UserName,
    };

    public static Command Create()
    {
        var to = new Option<string?>("--to")
        {
            HelpName = "PLACE",
            Description = "The place: a directory, s3://bucket/prefix or azblob://container/prefix. Needed the first "
                + "time.",
        };
        var olderThan = new Option<DateTimeOffset?>("--older-than")
        {
            HelpName = "TIME",
            Description = "Streams whose last event is older: an age such as 365d, 2011-12-05 or 2011-12-05T10:22:01Z.",
            CustomParser = FilterOptions.ParseTime,
        };
        var streams = new Option<string?>("--streams")
        {
            HelpName = "PATTERN",
            Description = "Streams with these names, such as 'order-2019-*'.",
        };
        var closed = new Option<bool>("--closed") { Description = "Deleted and closed streams." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only reports what would be archived." };
        var segmentEvents = new Option<int>("--segment-events")
        {
            HelpName = "N",
            Description = "The maximum number of events of a segment, which one commit archives; 10,000 by default.",
            DefaultValueFactory = _ => new ArchiveOptions().SegmentEvents,
        };
        var by = By();
        var command = new ToolCommand("run", "Archives the events of streams that meet all given conditions.")
        {
            Examples =
            [
                ("archive run --to archive/ --older-than 365d", "Streams without events for a year"),
                ("archive run --to archive/ --streams 'order-*' --dry-run", "What would be archived"),
            ],
        };
        foreach (var option in (Option[])[to, olderThan, streams, closed, segmentEvents, dryRun, by])
            command.Options.Add(option);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var selection = new ArchiveSelection
            {
                InactiveSince = call.Get(olderThan),
                Streams = call.Get(streams),
                IsClosed = call.Get(closed),
                IsDryRun = call.Get(dryRun),
                By = call.Get(by),
            };
            if (selection is { InactiveSince: null, Streams: null, IsClosed: false })
                throw new CliException(
                    ExitCode.Usage, "No streams were chosen.", "Use --older-than 365d, --streams PATTERN or --closed.");
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var archive = await Open(open, call.Get(to), call.Get(segmentEvents), cancellationToken);
            ArchiveReport report;
            using (var bar = new ProgressIndicator(call))
                report = await archive.Run(selection, bar, cancellationToken);
            Write(call, report, selection.IsDryRun);
            return ExitCode.Done;
        });
    }

    private static async Task<StoreArchive> Open(
        OpenStore open, string? to, int segmentEvents, CancellationToken cancellationToken)
    {
        var place = await StoreArchive.FindPlace(open.Store, cancellationToken);
        var address = to
            ?? (place is not null
                ? ArchivePlaces.AddressOf(place)
                : throw new CliException(
                    ExitCode.Usage, "The store has no archive yet.", "Specify its place: --to PLACE"));
        return BackupPlaces.Create(() => new StoreArchive(
            open.Store,
            new ArchiveOptions
            {
                // The directory of an existing archive is not created again: its disk may not be mounted.
                Place = place is null ? BackupPlaces.OpenOrCreate(address) : BackupPlaces.Open(address),
                Address = ObjectStorageAddress.IsAddress(address) ? address : Path.GetFullPath(address),
                Format = new ParquetArchiveFormat(),
                SegmentEvents = segmentEvents,
            }));
    }

    private static void Write(ToolInvocation call, ArchiveReport report, bool isDryRun)
    {
        if (!call.IsJson)
        {
            call.Line(
                $"{(isDryRun ? "Would archive" : "Archived")} {Counted.Of(report.Events, "event")} of "
                    + $"{Counted.Of(report.Streams, "stream")} ({ByteSizeText.Of(report.ContentBytes)}) in "
                    + $"{Counted.Of(report.Segments, "segment")}"
                    + (isDryRun ? "." : $" with {ByteSizeText.Of(report.SegmentBytes)}."));
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteNumber("streams"u8, report.Streams);
            writer.WriteNumber("events"u8, report.Events);
            writer.WriteNumber("contentBytes"u8, report.ContentBytes);
            writer.WriteNumber("segments"u8, report.Segments);
            writer.WriteNumber("segmentBytes"u8, report.SegmentBytes);
            writer.WriteBoolean("isDryRun"u8, isDryRun);
        });
    }
}
