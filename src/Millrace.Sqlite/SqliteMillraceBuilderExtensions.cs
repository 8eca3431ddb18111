using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Sqlite;

namespace Millrace;

/// <summary>Keeps an application's store in an SQLite file.</summary>
public static class SqliteMillraceBuilderExtensions
{
    /// <summary>Keeps the events in an SQLite file, which is made if it does not exist.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file; its directory must exist. With <c>{tenant}</c> in the name of the file,
    /// as in <c>tenants/{tenant}.db</c>, each tenant has one of its own: see <see cref="Tenants"/>.</param>
    public static MillraceBuilder UseSqlite(this MillraceBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return builder.UseSqlite(options => options.Path = path);
    }

    /// <summary>Keeps the events in an SQLite file.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets at least <see cref="SqliteOptions.Path"/>, and may be called several times; the
    /// options are checked when the application starts.</param>
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
