using Millrace.PostgreSql;
using Millrace.Shared.Settings;
using Millrace.Sqlite;

namespace Millrace.Cli;

/// <summary>A store name with the placeholder <c>{tenant}</c>: each tenant has its own file or database.</summary>
internal static class TenantTemplate
{
    private const string Placeholder = "{tenant}";
    private const int Connections = 4;

    private static readonly string Escaped = Uri.EscapeDataString(Placeholder);

    public static bool IsTemplate(string store) =>
        store.Contains(Placeholder, StringComparison.Ordinal)
        || store.Contains(Escaped, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the store of one tenant.</summary>
    public static string Of(string store, TenantId tenant) =>
        store
            .Replace(Placeholder, tenant.Value, StringComparison.Ordinal)
            .Replace(Escaped, tenant.Value, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the tenant of the call, or null.</summary>
    public static TenantId? SpecifiedTenant(ToolInvocation call) =>
        call.Get(GlobalOptions.Tenant) is { Length: > 0 } name ? new TenantId(name) : null;

    /// <summary>Returns all tenants with a store.</summary>
    public static ITenantStorage All(string store)
    {
        try
        {
            return StoreLocator.IsDatabase(store)
                ? new PostgreSqlTenants(
                    new PostgreSqlOptions
                    {
                        ConnectionString = store,
                        MaxConnections = Connections,
                        Migrates = false,
                    }
                )
                : new SqliteTenants(new SqliteOptions { Path = store, IsReadOnly = true });
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message.Split(" (Parameter", 2)[0]);
        }
    }

    /// <summary>Creates the error for a tenant that does not exist.</summary>
    public static CliException UnknownTenant(TenantId tenant, IEnumerable<TenantId> all)
    {
        var similar = NameSuggestions.To(tenant.Value, all.Select(one => one.Value));
        return new CliException(
            ExitCode.NotFound,
            $"Tenant '{tenant}' does not exist.",
            similar is null
                ? "To list the tenants: millrace tenants list"
                : $"Did you mean '{similar}'? To list the tenants: millrace tenants list");
    }
}
