using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Storage;
using Millrace.Storage.Objects;
using Spectre.Console;

namespace Millrace.Cli.Commands;

/// <summary>Restores a store from a place of backups, as of any position or time.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var place = new Argument<string>("place") { Description = BackupPlaces.Description };
        var store = new Argument<string>("target")
        {
            Description = "The new store: a file that does not exist, or postgres://… for an empty database.",
        };
        var yes = new Option<bool>("--yes") { Description = "Does not ask for confirmation." };
        var set = new BackupSetOption();
        var decision = new DecisionOptions(reason: "The reason, which is recorded; by default the set and the point.");
        var command = new ToolCommand(
            "restore", "Restores a store from a place of backups to a new file or an empty database.")
        {
            Examples =
            [
                ("restore backups/ restored.db --yes", "As of the last position"),
                ("restore backups/ restored.db --at 1103 --reason 'wrong import' --yes", "As of a position"),
                ("restore backups/ restored.db --at 2026-01-02T10:22:01+01:00 --yes", "As of a time"),
            ],
        };
        command.Arguments.Add(place);
        command.Arguments.Add(store);
        set.AddTo(command);
        decision.AddTo(command);
        command.Options.Add(yes);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var objects = BackupPlaces.Open(call.Get(place));
            var target = MoveLocations.Of(call, "", call.Get(store)).To;
            var point = set.Point(call);
            var chosen = await set.Find(call, objects, cancellationToken);
            if (!call.Get(yes))
                Confirm(call, chosen, point, target);
            var report = await Restore(call, objects, target, chosen, point, cancellationToken);
            var reason = decision.Reason(call) is { } text && !string.IsNullOrWhiteSpace(text)
                ? text
                : $"restored from backup {report.Set} at position {report.Head.Position}";
            var recordedAt = await Record(call, target, report.Head, decision.By(call), reason, cancellationToken);
            Write(call, target, report, recordedAt);
            if (point is null && report.Head.Position < chosen.LastPosition)
                WarnOfMissing(call, report.Head.Position, chosen.LastPosition);
            return ExitCode.Done;
        });
    }

    private static async Task<RestoreReport> Restore(
        ToolInvocation call,
        IObjectStorage place,
        string target,
        BackupSet set,
        RestorePoint? point,
        CancellationToken cancellationToken)
    {
        await using var storage = OpenStore.OpenWritableStorage(target);
        var restore = BackupPlaces.Create(() =>
            new StoreRestore(place, storage, BackupPlaces.Passphrase, call.Time));
        using var progress = new MoveProgress(call);
        return await restore.Run(set.Id, point, progress, cancellationToken);
    }

    private static async Task<long> Record(
        ToolInvocation call,
        string target,
        LogHead head,
        string by,
        string reason,
        CancellationToken cancellationToken)
    {
        await using var open = await OpenStore.OpenOrCreate(new StoreLocation(target), call.Time, cancellationToken);
        return await LogEpochRecord.Append(open, head, by, reason, cancellationToken);
    }

    private static void Confirm(ToolInvocation call, BackupSet set, RestorePoint? point, string target)
    {
        var moment = point switch
        {
            { Position: { } position } => $"position {TextTable.Number(position)}",
            { Time: { } time } => EventView.TimeOf(time),
            _ => $"its last position, {TextTable.Number(set.RestorablePosition ?? set.LastPosition)}",
        };
        var what = $"set {set.Id} as of {moment} to {StoreLocator.DisplayName(target)}, in a new log epoch";
        if (call.IsJson || System.Console.IsInputRedirected)
            throw new CliException(
                ExitCode.Usage, $"This would restore {what}. Nothing was changed.", "To confirm: --yes");
        call.Line($"This restores {what}. Applications must no longer use the original store. Type 'restore' to "
            + "continue:");
        call.Flush();
        if (System.Console.ReadLine()?.Trim() != "restore")
            throw new CliException(ExitCode.Failed, "Nothing was changed.");
    }

    /// <summary>
    /// Reports that the last position of the set is not restored, because changes are missing, or an object is damaged.
    /// </summary>
    private static void WarnOfMissing(ToolInvocation call, long restored, long last) => call.Errors.WriteLine(
        $"Positions {TextTable.Number(restored + 1)} to {TextTable.Number(last)} of the backup cannot be restored. For "
            + "the reason: millrace backups check PLACE");

    private static void Write(ToolInvocation call, string target, RestoreReport report, long recordedAt)
    {
        var name = StoreLocator.DisplayName(target);
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("store"u8, name);
                writer.WriteString("set"u8, report.Set.ToString());
                writer.WriteNumber("position"u8, report.Head.Position);
                writer.WriteNumber("logEpoch"u8, report.Head.Epoch);
                writer.WriteNumber("recordedAt"u8, recordedAt);
                writer.WriteNumber("events"u8, report.Events);
                writer.WriteNumber("rows"u8, report.Rows);
                writer.WriteNumber("rowsPosition"u8, report.RowsPosition);
                if (report.LastEventAt is { } time)
                    writer.WriteString("lastEventAt"u8, time);
                writer.WriteStartArray("removalsAfterRows"u8);
                foreach (var stream in report.RemovalsAfterRows)
                    writer.WriteStringValue(stream);
                writer.WriteEndArray();
                writer.WriteNumber("tookMilliseconds"u8, (long)report.Duration.TotalMilliseconds);
            });
            return;
        }
        foreach (var damaged in report.Damaged)
            call.Line($"Not used: {damaged.Problem}");
        var last = report.LastEventAt is { } at ? $", of {EventView.TimeOf(at)}" : "";
        call.Line(
            $"Restored {Counted.Of(report.Events, "event")} and {Counted.Of(report.Rows, "row")} beside the log to "
                + $"{name}, up to position {TextTable.Number(report.Head.Position)}{last}, in "
                + $"{DurationText.Of(report.Duration)}.");
        call.Line(
            $"Log epoch {report.Head.Epoch} starts after it, and is recorded at {TextTable.Number(recordedAt)}.");
        call.Line("If this store replaces the original one, continue its backups once: millrace backup PLACE "
            + "--continue-backup");
        if (report.RemovalsAfterRows.Count > 0)
            call.Line(
                "Dead letters and documents can contain what these erasures and runs of retention removed. Request "
                    + $"them again: {string.Join(", ", report.RemovalsAfterRows)}.");
        var remaining = report.Head.Position - report.RowsPosition;
        call.Line(remaining == 0
            ? "Read models and consumers are up to date."
            : $"When an application starts, read models and consumers continue after position "
                + $"{TextTable.Number(report.RowsPosition)}: {Counted.Of(remaining, "position")} to process. Consumers "
                + "with effects, such as mails, repeat them.");
    }
}
