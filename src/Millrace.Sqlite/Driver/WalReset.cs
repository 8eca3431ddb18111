using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>
/// SQLite's WAL-reset error: a checkpoint that runs concurrently with a commit that resets the write-ahead log can
/// damage the file.
/// </summary>
/// <remarks>
/// Versions 3.7.0 to 3.51.2 have it, except those with a backport of the fix: 3.44.6 and 3.50.7, and later versions of
/// these two lines. The package's library is newer; the system's library may not be.
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
    /// Logs one warning if the library has the error, or refuses the library if the options require it.
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
                    + "Update it to 3.51.3 or later, or use the package's library.",
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
