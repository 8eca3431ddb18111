using System.CommandLine;
using Millrace.Cli.CloudEvents;

namespace Millrace.Cli.Commands;

/// <summary>Writes events as CloudEvents.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file")
        {
            Description =
                "Where to, compressed when its name ends in .gz; standard output by default. A file that exists is not "
                + "overwritten.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var filter = new FilterOptions();
        var gzip = new Option<bool>("--gzip") { Description = "Compresses, whatever the file's name is." };
        var asJson = new Option<bool>("--as-json")
        {
            Description =
                "Writes payloads that are CBOR as the JSON they mean; otherwise they stay as they are, in base 64.",
        };
        var command = new ToolCommand(
            "export", "Writes events as CloudEvents 1.0, one JSON object a line, with all that is known of them.")
        {
            Examples =
            [
                ("export shop.jsonl.gz", "Everything; 'import' makes the same store of it"),
                ("export orders.jsonl --stream order- --since 7d", "The orders of the last week"),
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
                bar.Dispose();
                throw Interrupted(export, call.Get(file));
            }
            bar.Dispose();
            WriteResult(call, export, call.Get(file));
            return ExitCode.Done;
        });
    }

    private static CliException Interrupted(EventExport export, string? file) => new(
        ExitCode.Interrupted,
        "The export was interrupted.",
        EventFile.IsStandard(file)
            ? $"{TextTable.Number(export.Events)} events were written; what was written is not the whole."
            : $"'{file}' was not written: a part is never left under its name. Start it again.");

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

    /// <summary>The file has its name only once it is whole: what was interrupted is not taken for an export.</summary>
    private static async Task ToFile(
        EventExport export, string file, bool isCompressed, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
            throw new CliException(
                ExitCode.Failed, $"'{file}' exists already, and an export never overwrites.", "Choose another name.");
        var unfinished = file + ".part";
        var output = Begin(unfinished, isCompressed); // From here on it is ours to remove.
        var isWhole = false;
        try
        {
            await using (output)
                await export.Run(output, cancellationToken);
            isWhole = true;
        }
        finally
        {
            if (!isWhole)
                File.Delete(unfinished);
        }
        try
        {
            File.Move(unfinished, file);
        }
        catch (IOException exception)
        {
            throw new CliException(
                ExitCode.Failed, $"'{file}' cannot be written: {exception.Message}",
                $"The whole export is in '{unfinished}': give it a name.");
        }
    }

    private static Stream Begin(string unfinished, bool isCompressed)
    {
        try
        {
            return EventFile.Write(unfinished, isCompressed);
        }
        catch (IOException inUse) when (File.Exists(unfinished))
        {
            throw new CliException(
                ExitCode.Failed, $"'{unfinished}' cannot be written: {inUse.Message}",
                "Another export may be writing it: wait for its end. One that was killed leaves it behind: remove it "
                    + "then, or choose "
                    + "another name.");
        }
    }

    private static void WriteResult(ToolInvocation call, EventExport export, string? file)
    {
        if (export.Missing > 0)
            call.Errors.Write(
                new Spectre.Console.Text(
                    $"{TextTable.Number(export.Missing)} events were removed on purpose and are not in the export: "
                        + $"import it with --renumber."
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
            writer.WriteNumber("sizeBytes"u8, new FileInfo(file!).Length); // It was just written.
        });
    }
}
