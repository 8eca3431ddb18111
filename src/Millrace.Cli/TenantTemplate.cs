using Millrace.PostgreSql;
using Millrace.Sqlite;

namespace Millrace.Cli;

/// <summary>The name of a store in which <c>{tenant}</c> stands for the tenant's: each has a file or a
/// database.</summary>
internal static class TenantTemplate
{
    private const string Placeholder = "{tenant}";
    private const int Connections = 4;

    private static readonly string Escaped = Uri.EscapeDataString(Placeholder);

    public static bool Is(string store) =>
        store.Contains(Placeholder, StringComparison.Ordinal)
        || store.Contains(Escaped, StringComparison.OrdinalIgnoreCase);

    /// <summary>The store of one tenant.</summary>
    public static string Of(string store, TenantId tenant) =>
        store
            .Replace(Placeholder, tenant.Value, StringComparison.Ordinal)
            .Replace(Escaped, tenant.Value, StringComparison.OrdinalIgnoreCase);

    /// <summary>The tenant that the call names; null for none.</summary>
    public static TenantId? Named(ToolInvocation call) =>
        call.Get(GlobalOptions.Tenant) is { Length: > 0 } name ? new TenantId(name) : null;

    /// <summary>All tenants that have such a store.</summary>
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
        catch (ArgumentException wrong)
        {
            throw new CliException(ExitCode.Usage, wrong.Message.Split(" (Parameter", 2)[0]);
        }
    }

    /// <summary>What to tell who named a tenant that is not there.</summary>
    public static CliException UnknownTenant(TenantId tenant, IEnumerable<TenantId> all)
    {
        var near = NameSuggestions.To(tenant.Value, all.Select(one => one.Value));
        return new CliException(
            ExitCode.NotFound,
            $"There is no tenant '{tenant}'.",
            near is null
                ? "Which there are: millrace tenants list"
                : $"Did you mean '{near}'? Which there are: millrace tenants list");
    }
}
