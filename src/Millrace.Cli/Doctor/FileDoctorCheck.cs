using Millrace.Cli.Output;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Cli.Doctor;

/// <summary>Checks the store's file or database.</summary>
internal sealed class FileDoctorCheck(OpenStore open, TimeProvider time)
{
    public async Task<IReadOnlyList<Finding>> Run(CancellationToken cancellationToken)
    {
        var info = await open.SharedStorage.Maintenance.GetInfo(cancellationToken);
        return
        [
            await Pages(cancellationToken),
            Finding.Ok("schema-version", $"The schema is version {info.SchemaVersion}, which this tool writes."),
            Finding.Ok(
                open.SharedStorage is SqliteStorage ? "sqlite" : "postgresql",
                $"{DatabaseOf(info)}; {TextTable.Number(info.Events)} events in {TextTable.Number(info.Streams)} "
                    + "streams."
            ),
            Epoch(info.Head),
            .. open.SharedStorage is SqliteStorage ? [WriteAheadLog()] : Array.Empty<Finding>(),
            await Clock(cancellationToken),
        ];
    }

    private string DatabaseOf(StoreInfo info) => open.SharedStorage is SqliteStorage
        ? $"SQLite {SqliteLibrary.Version}"
        : $"PostgreSQL {info.Details.FirstOrDefault(detail => detail.Key == "postgresql").Value}";

    /// <summary>Reports a store that cannot be opened.</summary>
    public static Finding Unusable(StorageException failure) =>
        failure.Problem == StorageProblem.TooOld
            ? NotUpgraded(failure)
            : new(
                "file",
                Severity.Problem,
                failure.Message,
                "No program can use this store in this state.",
                failure.Problem == StorageProblem.Damaged
                    ? "Restore the last backup. Keep this file: 'millrace export' may still read its intact parts."
                    : "Follow the message, then run 'millrace doctor' again.");

    private static Finding NotUpgraded(Exception failure) =>
        new(
            "schema-version",
            Severity.Warning,
            failure.Message,
            "An application of this version upgrades the store when it starts. Applications of older versions cannot "
                + "open it afterwards. The other checks were skipped.",
            "Keep a copy of the file, then run: millrace upgrade.");

    private async Task<Finding> Pages(CancellationToken cancellationToken)
    {
        if (open.SharedStorage is not SqliteStorage sqlite)
            return Finding.Ok("file", "The store is not a file.");
        var problems = await sqlite.CheckPages(cancellationToken);
        return problems.Count == 0
            ? Finding.Ok("file", "The file's pages are intact.")
            : new Finding(
                "file", Severity.Problem, $"The file is damaged: {problems[0]}"
                    + (problems.Count > 1 ? $" ({problems.Count} problems)" : ""),
                "Data in damaged pages can be wrong or unreadable.",
                "Run 'millrace verify' to list lost data, and restore the last backup.");
    }

    private static Finding Epoch(LogHead head) =>
        head.Epoch == 1
            ? Finding.Ok("log-epoch", "The log was never restored.")
            : new Finding(
                "log-epoch",
                Severity.Note,
                $"The log is in epoch {head.Epoch}: it was restored or promoted {head.Epoch - 1} times.",
                "Tokens and positions from earlier epochs may refer to lost events.");

    private Finding WriteAheadLog()
    {
        var log = new FileInfo(open.File + "-wal");
        var bytes = log.Exists ? log.Length : 0;
        var message = $"The write-ahead log takes {ByteSizeText.Of(bytes)}.";
        return bytes < DoctorThresholds.LargeLogBytes
            ? Finding.Ok("write-ahead-log", message)
            : new Finding(
                "write-ahead-log", Severity.Warning, message,
                "It grows while a program reads an old state of the file, such as a long read or a copy, and slows "
                    + "down reads.",
                "Find the program with the long read ('lsof' on the file) and stop it. Later commits shrink the log."
            );
    }

    private async Task<Finding> Clock(CancellationToken cancellationToken)
    {
        var page = await open.SharedStorage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Limit: 1), cancellationToken);
        var ahead = page.Events.Count == 0 ? TimeSpan.Zero : page.Events[0].Timestamp - time.GetUtcNow();
        return ahead <= DoctorThresholds.ClockDrift
            ? Finding.Ok("clock", $"The clock is not behind the log: {EventView.TimeOf(time.GetUtcNow())}.")
            : new Finding(
                "clock",
                Severity.Problem,
                $"The last event was recorded {ConsumerStatusTable.Duration(ahead)} ahead of this machine's clock.",
                "Times in the log never decrease: until the clock has caught up, every event gets the time of the last "
                    + "one.",
                "Set this machine's clock (NTP). If it is right, the clock of another machine was wrong at the "
                    + "append.");
    }
}
