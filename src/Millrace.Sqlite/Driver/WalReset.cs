using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Sqlite.Driver;

/// <summary>
/// SQLite's WAL-reset error: a checkpoint that runs concurrently with a commit that resets the write-ahead log can
/// damage the file.
/// </summary>
/// <remarks>
/// SQLite versions 3.7.0 to 3.51.2 have this error. Versions with a backport of the fix do not have it: 3.44.6 and
/// later 3.44 versions, and 3.50.7 and later 3.50 versions. The library in the package is newer than 3.51.2. The
/// library of the system can be older.
/// </remarks>
internal static partial class WalReset
{
    private const int FirstAffected = 3_007_000;
    private const int FirstFixed = 3_051_003;

    private const int PatchesPerMinorVersion = 1_000; // 3.44.6 is 3_044_006.

    private const string Range = "3.7.0 to 3.51.2";

    /// <summary>
    /// Returns true if a version of the library has the error. The version is as returned by
    /// <c>sqlite3_libversion_number</c>.
    /// </summary>
    public static bool Affects(int version) => version is >= FirstAffected and < FirstFixed && !HasBackport(version);

    /// <summary>
    /// Logs a warning if the library has the error. Throws instead if the options refuse such a library.
    /// </summary>
    /// <exception cref="StorageException">The library has the error, and the options refuse it.</exception>
    public static void Check(SqliteOptions options, ILogger? logger)
    {
        if (!Affects(SqliteLibrary.VersionNumber))
            return;
        if (options.RefuseAffectedLibrary)
        {
            throw new StorageException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"SQLite {SqliteLibrary.Version} of the system has the WAL-reset error ({Range}), and "
                        + $"RefuseAffectedLibrary is set. ")
                    + "Update SQLite to 3.51.3 or later, or use the library in the package.",
                StorageProblem.Unavailable);
        }
        if (logger is not null)
            Affected(logger, SqliteLibrary.Version, options.Path);
    }

    private static bool HasBackport(int version) =>
        (version / PatchesPerMinorVersion, version % PatchesPerMinorVersion) is (3_044, >= 6) or (3_050, >= 7);

    [LoggerMessage(
        EventId = 13001,
        Level = LogLevel.Warning,
        Message = "SQLite {Version} has the WAL-reset error ("
            + Range
            + "), which can damage {File} when a program other than "
            + "Millrace writes to it or checkpoints it. Update the system's library to 3.51.3 or later, or use the "
            + "package's."
    )]
    private static partial void Affected(ILogger logger, string version, string file);
}
