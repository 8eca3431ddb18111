using Millrace.Storage;
using SQLitePCL;

namespace Millrace.Sqlite.Driver;

/// <summary>Translates SQLite's result codes into errors with advice.</summary>
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
                "Another program locked the file for longer than the busy timeout. Try again, or raise "
                    + "SqliteOptions.BusyTimeout."
            ),
            raw.SQLITE_FULL => (
                StorageProblem.Full,
                "There is no space left: free space on the disk, or raise SqliteOptions.MaxSizeBytes. Nothing was "
                    + "written."
            ),
            raw.SQLITE_READONLY => (
                StorageProblem.ReadOnly, "Grant the program write access to the file and its directory."),
            raw.SQLITE_PERM or raw.SQLITE_AUTH => (
                StorageProblem.ReadOnly, "Grant the program read and write access to the file and its directory."),
            raw.SQLITE_IOERR => (
                StorageProblem.InputOutput,
                "The disk failed: check the system's log, then run 'millrace verify' on the file."),
            raw.SQLITE_CORRUPT => (
                StorageProblem.Damaged,
                "The file is damaged: restore a backup. 'millrace verify' lists the damage."),
            raw.SQLITE_NOTADB => (StorageProblem.NotAStore, "The file is not an SQLite database. Choose another path."),
            raw.SQLITE_CANTOPEN => (
                StorageProblem.Unavailable,
                "The file cannot be opened: check that its directory exists and can be read and written."),
            _ => (StorageProblem.Other, "This error is not expected. Nothing was written."),
        };
}
