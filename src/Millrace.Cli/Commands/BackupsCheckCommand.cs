using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Sqlite;
using Millrace.Storage.Objects;

namespace Millrace.Cli.Commands;

/// <summary>Reads a backup, restores it to a temporary store, and verifies it.</summary>
internal static class BackupsCheckCommand
{
    public static Command Create()
    {
        var place = new Argument<string>("place") { Description = BackupPlaces.Description };
        var set = new BackupSetOption();
        var command = new ToolCommand(
            "check", "Reads all objects of a set, restores it to a temporary file, and verifies all promises.")
        {
            Examples =
            [
                ("backups check backups/", "The newest set as of its last position. Exit code 0 if it is sound"),
                ("backups check backups/ --at 1103 --json", "As of a position"),
            ],
        };
        command.Arguments.Add(place);
        set.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var objects = BackupPlaces.Open(call.Get(place));
            var point = set.Point(call);
            var chosen = await set.Find(call, objects, cancellationToken);
            var report = await Check(call, objects, chosen.Id, point, cancellationToken);
            ThrowIfPassphraseIsWrong(report);
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteMembers(writer, report));
            else
                Write(call, report);
            return report.IsSound ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static async Task<BackupCheckReport> Check(
        ToolInvocation call,
        IObjectStorage place,
        BackupSetId set,
        RestorePoint? point,
        CancellationToken cancellationToken)
    {
        var scratch = Directory.CreateTempSubdirectory("millrace-check-");
        try
        {
            await using var storage = new SqliteStorage(Path.Combine(scratch.FullName, "restored.db"));
            var restore = BackupPlaces.Create(() =>
                new StoreRestore(place, storage, BackupPlaces.Passphrase, call.Time));
            using var progress = new MoveProgress(call);
            return await restore.Check(set, point, progress, cancellationToken);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>Throws if no object can be read, because all are encrypted with another passphrase.</summary>
    private static void ThrowIfPassphraseIsWrong(BackupCheckReport report)
    {
        if (report.Damaged.Count == report.Objects
            && report.Damaged.All(static one => one.Problem.Contains("passphrase", StringComparison.Ordinal)))
            throw new BackupException(report.Damaged[0].Problem);
    }

    private static IEnumerable<string> ProblemsOf(BackupCheckReport report)
    {
        foreach (var damaged in report.Damaged)
            yield return damaged.Problem;
        if (report.Problem is { } problem)
            yield return problem;
        foreach (var broken in report.Verification?.Checks.SelectMany(static check => check.Problems) ?? [])
            yield return broken;
    }

    private static void WriteMembers(Utf8JsonWriter writer, BackupCheckReport report)
    {
        writer.WriteString("set"u8, report.Set.ToString());
        writer.WriteBoolean("isSound"u8, report.IsSound);
        writer.WriteNumber("objects"u8, report.Objects);
        writer.WriteStartArray("damagedObjects"u8);
        foreach (var damaged in report.Damaged)
            writer.WriteStringValue(damaged.Name);
        writer.WriteEndArray();
        if (report.Restored is { } restored)
        {
            writer.WriteNumber("position"u8, restored.Head.Position);
            writer.WriteNumber("events"u8, restored.Events);
            writer.WriteNumber("rows"u8, restored.Rows);
        }
        writer.WriteStartArray("problems"u8);
        foreach (var problem in ProblemsOf(report))
            writer.WriteStringValue(problem);
        writer.WriteEndArray();
        writer.WriteNumber("tookMilliseconds"u8, (long)report.Duration.TotalMilliseconds);
    }

    private static void Write(ToolInvocation call, BackupCheckReport report)
    {
        foreach (var problem in ProblemsOf(report))
            call.Line(problem);
        var damage = report.Damaged.Count == 0 ? "none" : TextTable.Number(report.Damaged.Count);
        call.Line(
            $"Read {Counted.Of(report.Objects, "object")} of set {report.Set} in {DurationText.Of(report.Duration)}. "
                + $"Damaged: {damage}.");
        if (report.Restored is { } restored)
            call.Line(
                $"Restored {Counted.Of(restored.Events, "event")} to a temporary file, up to position "
                    + $"{TextTable.Number(restored.Head.Position)}.");
        call.Line(report switch
        {
            { IsSound: true } => "All promises hold.",
            { Restored: { } possible } => "The backup is damaged. Make a full backup now (millrace backup PLACE "
                + $"--full). This one can be restored as of position {TextTable.Number(possible.Head.Position)} or "
                + "earlier.",
            _ => "This backup cannot be restored. Make a full backup now (millrace backup PLACE --full), or check "
                + "another set.",
        });
    }
}
