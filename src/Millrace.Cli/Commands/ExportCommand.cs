using System.CommandLine;
using Millrace.Cli.CloudEvents;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Writes events as CloudEvents.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file")
        {
            Description =
                "The file to write, compressed when its name ends in .gz; standard output by default. An existing file "
                    + "is not overwritten.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var filter = new FilterOptions();
        var gzip = new Option<bool>("--gzip") { Description = "Compresses the output regardless of the file name." };
        var asJson = new Option<bool>("--as-json")
        {
            Description =
                "Converts CBOR payloads to JSON. By default they are written unchanged in base 64.",
        };
        var command = new ToolCommand(
            "export", "Writes events as CloudEvents 1.0 with all their metadata, one JSON object a line.")
        {
            Examples =
            [
                ("export shop.jsonl.gz", "Everything; 'import' restores the same store from it"),
                ("export orders.jsonl --stream order- --since 7d", "The order streams of the last 7 days"),
                ("export --type order.placed > placed.jsonl", "To standard output, for other programs"),
            ],
        };
        command.Arguments.Add(file);
        var range = new RangeOptions().AddTo(command);
        command.Options.Add(gzip);
        command.Options.Add(asJson);
        filter.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            using var bar = new ProgressIndicator(call);
            var export = new EventExport(open, filter.Of(call), range.Of(call, bar, "exported"), call.Get(asJson));
            var isCompressed = EventFile.IsCompressed(call.Get(file), call.Get(gzip));
            try
            {
                if (EventFile.IsStandard(call.Get(file)))
                    await ToOutput(call, export, isCompressed, cancellationToken);
                else
                    await ToFile(export, call.Get(file)!, isCompressed, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await Record(open, AuditResult.Failed);
                bar.Dispose();
                throw Interrupted(export, call.Get(file));
            }
            await Record(open, AuditResult.Succeeded);
            bar.Dispose();
            WriteResult(call, export, call.Get(file));
            return ExitCode.Done;
        });
    }

    private static Task Record(OpenStore open, AuditResult result) =>
        ToolAudit.Record(open.Store, new AuditEntry("tool.export", "events", result));

    private static CliException Interrupted(EventExport export, string? file) => new(
        ExitCode.Interrupted,
        "The export was interrupted.",
        EventFile.IsStandard(file)
            ? $"{TextTable.Number(export.Events)} events were written. The output is incomplete."
            : $"'{file}' was not created, because an incomplete export is never kept. Run the export again.");

    private static async Task ToOutput(
        ToolInvocation call, EventExport export, bool isCompressed, CancellationToken cancellationToken)
    {
        if (!isCompressed)
        {
            await export.Run(call.Bytes, cancellationToken);
            return;
        }
        await using var compressed = new System.IO.Compression.GZipStream(
            call.Bytes, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
        await export.Run(compressed, cancellationToken);
    }

    /// <summary>
    /// Writes the export to a temporary file and renames the file when it is complete. Users therefore cannot confuse
    /// an interrupted export with a complete export.
    /// </summary>
    private static async Task ToFile(
        EventExport export, string file, bool isCompressed, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
            throw new CliException(
                ExitCode.Failed,
                $"'{file}' already exists, and an export never overwrites a file.",
                "Choose another name.");
        var temporaryPath = file + ".part";
        var output = CreateFile(temporaryPath, isCompressed); // If the export fails from now on, it removes the file.
        var isComplete = false;
        try
        {
            await using (output)
                await export.Run(output, cancellationToken);
            isComplete = true;
        }
        finally
        {
            if (!isComplete)
                File.Delete(temporaryPath);
        }
        try
        {
            File.Move(temporaryPath, file);
        }
        catch (IOException exception)
        {
            throw new CliException(
                ExitCode.Failed, $"'{file}' cannot be written: {exception.Message}",
                $"The complete export is in '{temporaryPath}'. Rename this file.");
        }
    }

    private static Stream CreateFile(string temporaryPath, bool isCompressed)
    {
        try
        {
            return EventFile.Write(temporaryPath, isCompressed);
        }
        catch (IOException exception) when (File.Exists(temporaryPath))
        {
            throw new CliException(
                ExitCode.Failed, $"'{temporaryPath}' cannot be written: {exception.Message}",
                "Another export may be writing the file: wait until it completes. If an export was killed, delete the "
                    + "file, or choose another name.");
        }
    }

    private static void WriteResult(ToolInvocation call, EventExport export, string? file)
    {
        if (export.Missing > 0)
            call.Errors.Write(
                new Spectre.Console.Text(
                    $"{TextTable.Number(export.Missing)} events were removed intentionally and are not in the export: "
                        + "import it with --renumber."
                        + Environment.NewLine));
        if (EventFile.IsStandard(file))
            return;
        if (!call.IsJson)
        {
            call.Line($"Wrote {TextTable.Number(export.Events)} events to {file}.");
            return;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("file"u8, file);
            writer.WriteNumber("events"u8, export.Events);
            writer.WriteNumber("removals"u8, export.Removals);
            writer.WriteNumber("missing"u8, export.Missing);
            writer.WriteNumber("sizeBytes"u8, new FileInfo(file!).Length); // The export has written the file.
        });
    }
}
