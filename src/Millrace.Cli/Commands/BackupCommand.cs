using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Copies a store to a file, or backs it up to a place, while it is in use.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var destination = new Argument<string>("destination")
        {
            Description = "The file to write, which must not exist; or a place of backups: a directory that exists or "
                + "ends with '/', s3://bucket/prefix or azblob://container/prefix.",
        };
        var full = new Option<bool>("--full")
        {
            Description = "Writes all events to a new set. By default, a backup writes the events since the last one.",
        };
        var command = new ToolCommand("backup", "Backs up the store while it is in use: to a file, or to a place.")
        {
            Examples =
            [
                ("backup shop-backup.db", "A copy of the file. Then check it: millrace verify --store shop-backup.db"),
                ("backup backups/", "What is new since the last one. Then check it: millrace backups check backups/"),
                ("backup backups/ --full", "All events, in a new set"),
            ],
        };
        command.Arguments.Add(destination);
        command.Options.Add(full);
        return command.SetStoreHandler((call, open, cancellationToken) =>
        {
            var text = call.Get(destination);
            if (BackupPlaces.IsPlace(text))
                return WriteSet(call, open, text, call.Get(full), cancellationToken);
            return call.Get(full)
                ? throw new CliException(
                    ExitCode.Usage,
                    $"--full applies to a place of backups, and '{text}' is a file.",
                    $"To write to a directory: millrace backup {text}/ --full")
                : CopyFile(call, open, text, cancellationToken);
        });
    }

    private static async Task<ExitCode> CopyFile(
        ToolInvocation call, OpenStore open, string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
            throw new CliException(
                ExitCode.Failed,
                $"'{file}' already exists, and a backup never overwrites a file.",
                "Choose another name.");
        using (var bar = new ProgressIndicator(call))
            await open.Storage.Maintenance.Backup(file, bar, cancellationToken);
        var bytes = new FileInfo(file).Length;
        if (!call.IsJson)
        {
            call.Line($"Wrote {file} ({TextTable.Number(bytes)} bytes).");
            return ExitCode.Done;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("file"u8, file);
            writer.WriteNumber("sizeBytes"u8, bytes);
        });
        return ExitCode.Done;
    }

    private static async Task<ExitCode> WriteSet(
        ToolInvocation call, OpenStore open, string text, bool isFull, CancellationToken cancellationToken)
    {
        if (open.Storage != open.SharedStorage)
            throw new CliException(
                ExitCode.Usage,
                "A tenant in a shared store cannot be backed up alone.",
                "Back up the whole store without --tenant.");
        var place = BackupPlaces.OpenOrCreate(text);
        BackupReport report;
        using (var bar = new ProgressIndicator(call))
        {
            report = await BackupPlaces
                .Create(() => new StoreBackup(open.Storage, place, BackupPlaces.Passphrase, call.Time))
                .Run(isFull, bar, cancellationToken);
        }
        if (!call.IsJson)
        {
            call.Line(
                $"Backed up {Counted.Of(report.Position - report.FromPosition, "position")} and the tables, up to "
                    + $"position {TextTable.Number(report.Position)}, to set {report.Set} in {place.Description} "
                    + $"({DurationText.Of(report.Duration)}).");
            return ExitCode.Done;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("place"u8, place.Description);
            writer.WriteString("set"u8, report.Set.ToString());
            writer.WriteNumber("fromPosition"u8, report.FromPosition);
            writer.WriteNumber("position"u8, report.Position);
            writer.WriteNumber("tookMilliseconds"u8, (long)report.Duration.TotalMilliseconds);
        });
        return ExitCode.Done;
    }
}
