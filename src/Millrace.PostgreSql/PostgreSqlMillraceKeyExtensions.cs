using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.PostgreSql;

namespace Millrace;

/// <summary>Extension methods that store the keys of an application in a PostgreSQL database.</summary>
public static class PostgreSqlMillraceKeyExtensions
{
    /// <summary>
    /// Encrypts marked values with keys in a separate PostgreSQL database, which a passphrase protects. The keys are in
    /// the schema <c>millrace_keys</c>, which is created if it does not exist.
    /// </summary>
    /// <remarks>
    /// The database and the passphrase decrypt everything, and without them all encrypted values are lost. Back up the
    /// database apart from the events. PostgreSQL keeps the former bytes of a destroyed key in its write-ahead log, its
    /// replicas and its backups until they expire, and in the files of the table until it uses the space again. These
    /// bytes are a key in wrapped form: a new passphrase, followed by a rewrap of all keys, makes them useless.
    /// </remarks>
    /// <param name="millrace">The application.</param>
    /// <param name="connectionString">A connection string of Npgsql or an address:
    /// <c>postgres://user@host/database</c>. It must name another database than that of the events.</param>
    /// <param name="passphrase">The passphrase, with at least 12 characters.</param>
    /// <exception cref="ArgumentException">The connection string is not valid, or the passphrase is too
    /// short.</exception>
    public static MillraceBuilder UsePostgreSqlKeys(
        this MillraceBuilder millrace, string connectionString, string passphrase)
    {
        ArgumentNullException.ThrowIfNull(passphrase);
        return millrace.UsePostgreSqlKeys(connectionString, options => options.Passphrase = passphrase);
    }

    /// <inheritdoc cref="UsePostgreSqlKeys(MillraceBuilder, string, string)"/>
    /// <param name="millrace">The application.</param>
    /// <param name="connectionString">A connection string of Npgsql or an address:
    /// <c>postgres://user@host/database</c>. It must name another database than that of the events.</param>
    /// <param name="configure">Sets the passphrase or the master key.</param>
    /// <exception cref="ArgumentException">The connection string is not valid, or the options are out of
    /// range.</exception>
    public static MillraceBuilder UsePostgreSqlKeys(
        this MillraceBuilder millrace, string connectionString, Action<KeyOptions> configure)
    {
        PostgreSqlKeyStore.Settings(connectionString); // Reports errors at once.
        return millrace.UseKeys(
            provider => new PostgreSqlKeyStore(
                connectionString,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(PostgreSqlKeyStore))),
            configure);
    }
}
