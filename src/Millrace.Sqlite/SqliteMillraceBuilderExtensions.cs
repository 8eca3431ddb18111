using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Sqlite;

namespace Millrace;

/// <summary>Extension methods that configure SQLite as the storage of an application.</summary>
public static class SqliteMillraceBuilderExtensions
{
    /// <summary>Stores events in an SQLite file, which is created if it does not exist.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file. Its directory must exist. If the file name contains <c>{tenant}</c>, as
    /// in <c>tenants/{tenant}.db</c>, each tenant has its own file: see <see cref="Tenants"/>.</param>
    public static MillraceBuilder UseSqlite(this MillraceBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return builder.UseSqlite(options => options.Path = path);
    }

    /// <summary>Stores events in an SQLite file.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets at least <see cref="SqliteOptions.Path"/>. It may be called several times. The
    /// options are validated when the application starts.</param>
    public static MillraceBuilder UseSqlite(this MillraceBuilder builder, Action<SqliteOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return SqliteTenants.IsTemplate(Options().Path)
            ? builder.UseTenantStorage(provider => new SqliteTenants(Options(), Clock(provider), Logger(provider)))
            : builder.UseStorage(provider => new SqliteStorage(Options(), Clock(provider), Logger(provider)));

        static TimeProvider Clock(IServiceProvider provider) => provider.GetRequiredService<TimeProvider>();

        static ILogger? Logger(IServiceProvider provider) =>
            provider.GetService<ILoggerFactory>()?.CreateLogger(typeof(SqliteStorage));

        SqliteOptions Options()
        {
            var options = new SqliteOptions();
            configure(options);
            return options;
        }
    }
}
