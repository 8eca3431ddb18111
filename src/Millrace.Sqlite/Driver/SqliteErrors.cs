using Millrace.Storage;
using SQLitePCL;

namespace Millrace.Sqlite;

/// <summary>What SQLite's result codes mean to people, and what they can do.</summary>
internal static class SqliteErrors
{
    private const int PrimaryMask = 0xFF;

    public static StorageException Translate(int code, string message, string path)
    {
        var (problem, advice) = Explain(code & PrimaryMask);
        if (message is "not an error" or "")
            message = problem.ToString();
        return new StorageException($"SQLite store '{path}': {message} (code {code}). {advice}", problem);
    }

    private static (StorageProblem Problem, string Advice) Explain(int code) =>
        code switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (
                StorageProblem.Busy,
                "Another program held it locked for longer than the busy timeout. Try again, or raise "
                    + "SqliteOptions.BusyTimeout."
            ),
            raw.SQLITE_FULL => (
                StorageProblem.Full,
                "There is no room left: free space on the disk or raise SqliteOptions.MaxSizeBytes. Nothing of this "
                    + "was written."
            ),
            raw.SQLITE_READONLY => (
                StorageProblem.ReadOnly, "Give the program the right to write the file and its directory."),
            raw.SQLITE_PERM or raw.SQLITE_AUTH => (
                StorageProblem.ReadOnly, "Give the program the right to read and write the file and its directory."),
            raw.SQLITE_IOERR => (
                StorageProblem.InputOutput,
                "The disk failed: look at the system's log, then run 'millrace verify' on the file."),
            raw.SQLITE_CORRUPT => (
                StorageProblem.Damaged,
                "The file is damaged: restore a backup; 'millrace verify' tells what else holds."),
            raw.SQLITE_NOTADB => (StorageProblem.NotAStore, "The file is not an SQLite database. Choose another path."),
            raw.SQLITE_CANTOPEN => (
                StorageProblem.Unavailable,
                "It cannot be opened: make sure that its directory exists and may be read and written."),
            _ => (StorageProblem.Other, "This is not expected; nothing of it was written."),
        };
}
