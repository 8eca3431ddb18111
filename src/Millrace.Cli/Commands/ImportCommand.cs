using System.CommandLine;
using Millrace.Cli.CloudEvents;

namespace Millrace.Cli.Commands;

/// <summary>Reads events that were written as CloudEvents.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file")
        {
            Description =
                "What 'export' wrote, or CloudEvents of others, one a line or in an array; standard input by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var create = new Option<bool>("--create") { Description = "Makes the store if its file does not exist." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Checks every line and writes nothing." };
        var renumber = new Option<bool>(
            "--renumber")
        { Description = "Numbers the events of each stream anew, where versions are missing." };
        var retime = new Option<bool>(
            "--retime")
        { Description = "Records the time of the import; the event's own is kept in its metadata." };
        var gzip = new Option<bool>("--gzip") { Description = "Reads compressed events, whatever the file's name is." };
        var streamFrom = new Option<string>("--stream-from")
        {
            HelpName = "ATTRIBUTE",
            Description = "The attribute that names the stream.",
            DefaultValueFactory = _ => CloudEventNames.Subject,
        };
        var prefix = new Option<string>("--stream-prefix")
        {
            HelpName = "TEXT",
            Description = "What is put before it.",
            DefaultValueFactory = _ => "",
        };
        var anyPayload = new Option<bool>("--any-payload")
        {
            Description = "Takes payloads as they are, also those that are not what their content type states.",
        };
        var command = new ToolCommand("import",
            "Appends events that 'export' wrote, with their ids, versions and times, or CloudEvents of others.")
        {
            Examples =
            [
                ("import shop.jsonl.gz --store copy.db --create",
                    "The same store once more; repeated, it goes on where it was interrupted"),
                ("import shop.jsonl.gz --store copy.db --create --dry-run", "Would it be accepted? Nothing is written"),
                (
                    "import events.jsonl --stream-from source --retime",
                    "Events of others, in streams named by their source"),
            ],
        };
        command.Arguments.Add(file);
        foreach (var option in (Option[])[create, dryRun, renumber, retime, gzip, streamFrom, prefix, anyPayload])
            command.Options.Add(option);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var options = new ImportOptions(call.Get(renumber), call.Get(retime));
                // Both texts have a value by default.
                var reader = new CloudEventReader(call.Get(streamFrom)!, call.Get(prefix)!, call.Get(anyPayload));
                await using var input = EventFile.Read(
                    call.Get(file), EventFile.IsCompressed(call.Get(file), call.Get(gzip)));
                await using var open = await Open(call, call.Get(create), call.Get(dryRun), cancellationToken);
                IImportTarget target =
                    open is null || call.Get(dryRun)
                        ? new ImportDryRun(open, options, call.Time.GetUtcNow())
                        : new ImportTarget(open, options);
                await Run(call, reader, target, input, cancellationToken);
                WriteResult(call, target.Counts, call.Get(dryRun));
                return ExitCode.Done;
            }
        );
    }

    /// <summary>The store to write to; null when it is not there and nothing is to be written.</summary>
    private static async Task<OpenStore?> Open(
        ToolInvocation call, bool create, bool isTrial, CancellationToken cancellationToken)
    {
        if (!create)
            return await OpenStore.ForImport(
                StoreLocator.Existing(call), mayCreate: false, call.Time, cancellationToken);
        var place = StoreLocator.Of(call);
        return isTrial && !place.Exists
            ? null
            : await OpenStore.ForImport(place, mayCreate: !isTrial, call.Time, cancellationToken);
    }

    private static async Task Run(
        ToolInvocation call,
        CloudEventReader reader,
        IImportTarget target,
        Stream input,
        CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        var total = input is FileStream { CanSeek: true } file ? file.Length : 0;
        try
        {
            await new EventImport(reader, target).Run(
                input,
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
            throw new CliException(ExitCode.Interrupted, "The import was interrupted.", Told(target));
        }
    }

    private static ExitCode CodeOf(ImportException problem) =>
        problem.InnerException is VersionConflictException or EventIdConflictException or StreamDeletedException
            or RecordedTimeException or ClaimTakenException
            ? ExitCode.Conflict
            : ExitCode.Failed;

    private static string HintFor(ImportException problem, IImportTarget target)
    {
        var way = problem.InnerException switch
        {
            RecordedTimeException => "With --retime the time of the import is recorded. ",
            VersionConflictException => "Import into a new store, or with --renumber. ",
            _ => "",
        };
        return way + Told(target);
    }

    /// <summary>What stands when it did not come to its end.</summary>
    private static string Told(IImportTarget target) =>
        target is ImportDryRun
            ? $"{TextTable.Number(target.Counts.Imported)} events before would be imported; nothing was written."
            : $"{TextTable.Number(target.Counts.Imported)} events were imported before, and none behind; those that "
                + $"stand in the store are skipped "
                + "when it is repeated.";

    private static void WriteResult(ToolInvocation call, ImportCounts counts, bool isTrial)
    {
        if (!call.IsJson)
        {
            var verb = isTrial ? "would be imported" : "imported";
            call.Line(
                $"{TextTable.Number(counts.Imported)} events {verb}, {TextTable.Number(counts.Skipped)} stood there "
                    + $"already, "
                    + $"{TextTable.Number(counts.Removals)} streams deleted or closed.");
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteNumber("imported"u8, counts.Imported);
            writer.WriteNumber("skipped"u8, counts.Skipped);
            writer.WriteNumber("removals"u8, counts.Removals);
            writer.WriteBoolean("isDryRun"u8, isTrial);
        });
    }
}
