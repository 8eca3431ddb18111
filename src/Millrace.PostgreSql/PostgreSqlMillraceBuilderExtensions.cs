using Microsoft.Extensions.DependencyInjection;
using Millrace.PostgreSql;

namespace Millrace;

/// <summary>Keeps an application's store in PostgreSQL.</summary>
public static class PostgreSqlMillraceBuilderExtensions
{
    /// <summary>Keeps the events in a PostgreSQL database, where several nodes may work on them.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Npgsql, or an address:
    /// <c>postgres://user@host/database</c>. With <c>{tenant}</c> in the name of the database, as in
    /// <c>postgres://user@host/shop_{tenant}</c>, each tenant has one of its own: see <see cref="Tenants"/>.</param>
    public static MillraceBuilder UsePostgreSql(this MillraceBuilder builder, string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return builder.UsePostgreSql(options => options.ConnectionString = connectionString);
    }

    /// <summary>Keeps the events in a PostgreSQL database.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets at least <see cref="PostgreSqlOptions.ConnectionString"/>, and may be called
    /// several times; the options are checked when the application starts.</param>
    public static MillraceBuilder UsePostgreSql(this MillraceBuilder builder, Action<PostgreSqlOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return PostgreSqlTenants.IsTemplate(Options().ConnectionString)
            ? builder.UseTenantStorage(provider => new PostgreSqlTenants(
                Options(), provider.GetRequiredService<TimeProvider>()))
            : builder.UseStorage(provider => new PostgreSqlStorage(
                Options(), provider.GetRequiredService<TimeProvider>()));

        PostgreSqlOptions Options()
        {
            var options = new PostgreSqlOptions();
            configure(options);
            return options;
        }
    }
}
