using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Copies a store while it is in use.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var destination = new Argument<string>("file")
        {
            Description = "The file to write. An existing file is never overwritten.",
        };
        var command = new ToolCommand("backup", "Writes a consistent copy of the store while it is in use.")
        {
            Examples = [("backup shop-backup.db", "Then check it: millrace verify --store shop-backup.db")],
        };
        command.Arguments.Add(destination);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                var file = call.Get(destination);
                if (File.Exists(file))
                    throw new CliException(
                        ExitCode.Failed,
                        $"'{file}' already exists, and a backup never overwrites a file.",
                        "Choose another name.");
                using (var bar = new ProgressIndicator(call))
                {
                    await open.Storage.Maintenance.Backup(file, bar, cancellationToken);
                }
                var bytes = new FileInfo(file).Length;
                if (call.IsJson)
                {
                    JsonOutput.Object(
                        call,
                        writer =>
                        {
                            writer.WriteString("file"u8, file);
                            writer.WriteNumber("sizeBytes"u8, bytes);
                        }
                    );
                }
                else
                {
                    call.Line($"Wrote {file} ({TextTable.Number(bytes)} bytes).");
                }
                return ExitCode.Done;
            }
        );
    }
}
