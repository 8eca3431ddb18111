using Microsoft.Extensions.DependencyInjection;
using Millrace.Sqlite;

namespace Millrace;

/// <summary>Keeps an application's store in an SQLite file.</summary>
public static class SqliteMillraceBuilderExtensions
{
    /// <summary>Keeps the events in an SQLite file, which is made if it does not exist.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The path of the file; its directory must exist.</param>
    public static MillraceBuilder UseSqlite(this MillraceBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return builder.UseSqlite(options => options.Path = path);
    }

    /// <summary>Keeps the events in an SQLite file.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets at least <see cref="SqliteOptions.Path"/>; the options are checked when the application starts.</param>
    public static MillraceBuilder UseSqlite(this MillraceBuilder builder, Action<SqliteOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.UseStorage(provider =>
        {
            var options = new SqliteOptions();
            configure(options);
            return new SqliteStorage(options, provider.GetRequiredService<TimeProvider>());
        });
    }
}
