using System.CommandLine;
using Millrace.Cli.CloudEvents;
using Millrace.Cli.Output;
using Millrace.Shared.CloudEvents;

namespace Millrace.Cli.Commands;

/// <summary>Imports events from CloudEvents.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = Files();
        var create = new Option<bool>("--create") { Description = "Creates the store if its file does not exist." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Checks every line and writes nothing." };
        var renumber = new Option<bool>(
            "--renumber")
        { Description = "Assigns new versions to the events of each stream when versions are missing." };
        var retime = new Option<bool>(
            "--retime")
        { Description = "Records the time of the import, and keeps the event's time in its metadata." };
        var gzip = new Option<bool>("--gzip") { Description = "Reads compressed events regardless of the file name." };
        var streamFrom = new Option<string>("--stream-from")
        {
            HelpName = "ATTRIBUTE",
            Description = "The attribute that contains the stream name.",
            DefaultValueFactory = _ => CloudEventNames.Subject,
        };
        var prefix = new Option<string>("--stream-prefix")
        {
            HelpName = "TEXT",
            Description = "The prefix for the stream name.",
            DefaultValueFactory = _ => "",
        };
        var anyPayload = new Option<bool>("--any-payload")
        {
            Description = "Also imports payloads that do not match their content type.",
        };
        var command = new ToolCommand("import",
            "Appends events from 'export' with their ids, versions and times, or other CloudEvents.")
        {
            Examples =
            [
                ("import shop.jsonl.gz --store copy.db --create",
                    "A copy of the store; after an interruption, repeat the command"),
                ("import run-1.jsonl.gz run-2.jsonl.gz --store archive.db --create",
                    "All archive files of retention, with the times of their events"),
                (
                    "import shop.jsonl.gz --store copy.db --create --dry-run",
                    "Checks whether it would succeed; nothing is written"),
                (
                    "import events.jsonl --stream-from source --retime",
                    "Events of other programs, in streams named by their source"),
            ],
        };
        command.Arguments.Add(file);
        foreach (var option in (Option[])[create, dryRun, renumber, retime, gzip, streamFrom, prefix, anyPayload])
            command.Options.Add(option);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var options = new ImportOptions(call.Get(renumber), call.Get(retime));
                // Both options have default values.
                var reader = new CloudEventReader(call.Get(streamFrom)!, call.Get(prefix)!, call.Get(anyPayload));
                await using var input = await EventFiles.Open(call.Get(file) ?? [], call.Get(gzip), reader);
                await using var open = await Open(call, call.Get(create), call.Get(dryRun), cancellationToken);
                await using IImportTarget target =
                    open is null || call.Get(dryRun)
                        ? new ImportDryRun(open, options, call.Time.GetUtcNow())
                        : new ImportTarget(open, options);
                await Run(call, target, input.All, cancellationToken);
                WriteResult(call, target.Counts, call.Get(dryRun));
                return ExitCode.Done;
            }
        );
    }

    private static Argument<string[]> Files() => new("file")
    {
        Description =
            "Files from 'export' or archives of retention, which are merged by time, or other CloudEvents, one a "
                + "line or in an array; standard input by default.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Returns the store to write to, or null for a dry run when the store does not exist.</summary>
    private static async Task<OpenStore?> Open(
        ToolInvocation call, bool create, bool isDryRun, CancellationToken cancellationToken)
    {
        if (!create)
            return await OpenStore.ForImport(
                StoreLocator.Existing(call), mayCreate: false, call.Time, cancellationToken);
        var location = StoreLocator.Find(call);
        return isDryRun && !location.Exists
            ? null
            : await OpenStore.ForImport(location, mayCreate: !isDryRun, call.Time, cancellationToken);
    }

    private static async Task Run(
        ToolInvocation call,
        IImportTarget target,
        IReadOnlyList<EventFileReader> files,
        CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        var total = files.Sum(file => file.TotalBytes);
        try
        {
            await new EventImport(files, target).Run(
                (bytes, line) =>
                    bar.Show("lines", line, total == 0 ? 0 : (long)(line * ((double)total / Math.Max(1, bytes)))),
                cancellationToken);
        }
        catch (ImportException problem)
        {
            bar.Dispose();
            throw new CliException(CodeOf(problem), problem.Message, HintFor(problem, target));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            bar.Dispose();
            throw new CliException(ExitCode.Interrupted, "The import was interrupted.", DescribeStoredEvents(target));
        }
    }

    private static ExitCode CodeOf(ImportException problem) =>
        problem.InnerException is VersionConflictException or EventIdConflictException or StreamDeletedException
            or RecordedTimeException or ClaimTakenException
            ? ExitCode.Conflict
            : ExitCode.Failed;

    private static string HintFor(ImportException problem, IImportTarget target)
    {
        var remedy = problem.InnerException switch
        {
            RecordedTimeException => "Use --retime to record the time of the import. ",
            VersionConflictException => "Import into a new store, or use --renumber. ",
            _ => "",
        };
        return remedy + DescribeStoredEvents(target);
    }

    /// <summary>Describes which events are stored after an incomplete import.</summary>
    private static string DescribeStoredEvents(IImportTarget target) =>
        target is ImportDryRun
            ? $"{TextTable.Number(target.Counts.Imported)} events before it would be imported. Nothing was written."
            : $"{TextTable.Number(target.Counts.Imported)} events before it were imported, and none after it. Events "
                + "in the store are skipped when you repeat the import.";

    private static void WriteResult(ToolInvocation call, ImportCounts counts, bool isDryRun)
    {
        if (!call.IsJson)
        {
            var verb = isDryRun ? "would be imported" : "imported";
            call.Line(
                $"{TextTable.Number(counts.Imported)} events {verb}, {TextTable.Number(counts.Skipped)} were already "
                    + $"stored, {TextTable.Number(counts.Removals)} streams deleted or closed.");
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteNumber("imported"u8, counts.Imported);
            writer.WriteNumber("skipped"u8, counts.Skipped);
            writer.WriteNumber("removals"u8, counts.Removals);
            writer.WriteBoolean("isDryRun"u8, isDryRun);
        });
    }
}
