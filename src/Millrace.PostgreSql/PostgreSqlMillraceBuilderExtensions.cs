using Microsoft.Extensions.DependencyInjection;
using Millrace.PostgreSql;

namespace Millrace;

/// <summary>Extension methods that configure PostgreSQL as the storage of an application.</summary>
public static class PostgreSqlMillraceBuilderExtensions
{
    /// <summary>Stores events in a PostgreSQL database, which several nodes can share.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">A connection string of Npgsql or an address:
    /// <c>postgres://user@host/database</c>. If the name of the database contains <c>{tenant}</c>, as in
    /// <c>postgres://user@host/shop_{tenant}</c>, each tenant has its own database: see <see cref="Tenants"/>.</param>
    public static MillraceBuilder UsePostgreSql(this MillraceBuilder builder, string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        return builder.UsePostgreSql(options => options.ConnectionString = connectionString);
    }

    /// <summary>Stores events in a PostgreSQL database.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets at least <see cref="PostgreSqlOptions.ConnectionString"/>. It may be called several
    /// times. The options are validated when the application starts.</param>
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
