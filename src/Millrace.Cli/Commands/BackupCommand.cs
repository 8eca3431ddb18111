using System.CommandLine;
using System.CommandLine.Parsing;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Copies a store to a file, or backs it up to a place, while it is in use.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var destination = new Argument<string>("destination")
        {
            Description = "A place of backups: a directory (a name without an extension, or with '/' at its end), "
                + "s3://bucket/prefix or azblob://container/prefix; or the file to write, such as backup.db, which "
                + "must not exist.",
        };
        var full = new Option<bool>("--full")
        {
            Description = "Writes all events to a new set. By default, a backup writes the events since the last one.",
        };
        var continues = new Option<bool>("--continue-backup")
        {
            Description = "Continues the backups of the store from which this one was restored, once. The backup of "
                + "that store is refused afterwards.",
        };
        var retention = new Option<TimeSpan?>("--retention")
        {
            HelpName = "AGE",
            Description = "Removes copies of the tables and sets that no restore within this age needs, such as 30d. "
                + "By default, all are kept.",
            CustomParser = ParseRetention,
        };
        var command = new ToolCommand("backup", "Backs up the store while it is in use: to a place, or to a file.")
        {
            Examples =
            [
                ("backup shop-backup.db", "A copy of the file. Then check it: millrace verify --store shop-backup.db"),
                ("backup backups/", "What is new since the last one. Then check it: millrace backups check backups/"),
                ("backup backups/ --full", "All events, in a new set"),
                ("backup backups/ --continue-backup", "After a restore: this store replaces the lost one"),
            ],
        };
        command.Arguments.Add(destination);
        command.Options.Add(full);
        command.Options.Add(continues);
        command.Options.Add(retention);
        return command.SetStoreHandler((call, open, cancellationToken) =>
        {
            var text = call.Get(destination);
            if (BackupPlaces.IsPlace(text))
            {
                var options = new StoreBackupOptions
                {
                    IsFull = call.Get(full),
                    ContinuesRestored = call.Get(continues),
                    Retention = call.Get(retention),
                };
                return WriteSet(call, open, text, options, cancellationToken);
            }
            foreach (var option in (Option[])[full, continues, retention])
            {
                if (call.Has(option))
                    throw new CliException(
                        ExitCode.Usage,
                        $"{option.Name} applies to a place of backups, and '{text}' is a file.",
                        $"To write to a directory: millrace backup {text}/ {option.Name}");
            }
            return CopyFile(call, open, text, cancellationToken);
        });
    }

    private static TimeSpan? ParseRetention(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (FilterOptions.ParseAge(text) is { } age && age >= TimeSpan.FromHours(1) && age <= TimeSpan.FromDays(36_500))
            return age;
        result.AddError($"'{text}' is not an age of at least 1 hour and at most 36500d: use 12h or 30d.");
        return null;
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
        ToolInvocation call,
        OpenStore open,
        string text,
        StoreBackupOptions options,
        CancellationToken cancellationToken)
    {
        if (open.IsPart)
            throw new CliException(
                ExitCode.Usage,
                "A tenant in a shared store cannot be backed up alone.",
                "Back up the whole store without --tenant.");
        var place = BackupPlaces.OpenOrCreate(text);
        BackupReport report;
        using (var bar = new ProgressIndicator(call))
        {
            report = await BackupPlaces
                .Create(() => new StoreBackup(open.SharedStorage, place, BackupPlaces.Passphrase, call.Time))
                .Run(options, bar, cancellationToken);
        }
        if (!call.IsJson)
        {
            call.Line(
                $"Backed up {Counted.Of(report.Position - report.FromPosition, "position")} and the tables, up to "
                    + $"position {TextTable.Number(report.Position)}, to set {report.Set} in {place.Description} "
                    + $"({DurationText.Of(report.Duration)}).");
            if (report.KeepsOld)
                call.Line("Old backups were kept: the place refuses deletion.");
            return ExitCode.Done;
        }
        JsonOutput.Object(call, writer =>
        {
            writer.WriteString("place"u8, place.Description);
            writer.WriteString("set"u8, report.Set.ToString());
            writer.WriteNumber("fromPosition"u8, report.FromPosition);
            writer.WriteNumber("position"u8, report.Position);
            writer.WriteNumber("tookMilliseconds"u8, (long)report.Duration.TotalMilliseconds);
            if (report.KeepsOld)
                writer.WriteBoolean("keepsOld"u8, true);
        });
        return ExitCode.Done;
    }
}
