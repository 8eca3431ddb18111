using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Sqlite;

namespace Millrace;

/// <summary>Extension methods that store the keys of an application in an SQLite file.</summary>
public static class SqliteMillraceKeyExtensions
{
    /// <summary>
    /// Encrypts marked values with keys in a separate SQLite file, which a passphrase protects. The file is created
    /// if it does not exist, readable only for its owner. Several programs on one computer can use it.
    /// </summary>
    /// <remarks>
    /// The file and the passphrase decrypt everything, and without them all encrypted values are lost. Back up the file
    /// apart from the events. Destroyed keys are overwritten in the file. Blocks of the disk that the file no longer
    /// uses are not, but they contain keys only in wrapped form.
    /// </remarks>
    /// <param name="millrace">The application.</param>
    /// <param name="path">The path of the file, which must not be the file of the events. Its directory must
    /// exist.</param>
    /// <param name="passphrase">The passphrase, with at least 12 characters.</param>
    /// <exception cref="ArgumentException">The path is empty, or the passphrase is too short.</exception>
    public static MillraceBuilder UseSqliteKeys(this MillraceBuilder millrace, string path, string passphrase)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        return millrace.UseSqliteKeys(path, options => options.Passphrase = passphrase);
    }

    /// <inheritdoc cref="UseSqliteKeys(MillraceBuilder, string, string)"/>
    /// <param name="millrace">The application.</param>
    /// <param name="path">The path of the file, which must not be the file of the events. Its directory must
    /// exist.</param>
    /// <param name="configure">Sets the passphrase or the master key.</param>
    /// <exception cref="ArgumentException">The path is empty, or the options are out of range.</exception>
    public static MillraceBuilder UseSqliteKeys(
        this MillraceBuilder millrace, string path, Action<KeyOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (path.Contains("{tenant}", StringComparison.Ordinal))
            throw new ArgumentException("All tenants share one key store: give a path without {tenant}.", nameof(path));
        return millrace.UseKeys(
            provider => new SqliteKeyStore(
                path,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(SqliteKeyStore))),
            configure);
    }
}
