using System.Text.RegularExpressions;
using Millrace.PostgreSql;

namespace Millrace.Cli;

/// <summary>Finds the store of a call.</summary>
internal static partial class StoreLocator
{
    /// <summary>
    /// Returns true when a store is in a PostgreSQL database. Its name is an address such as <c>postgres://…</c>, or a
    /// connection string.
    /// </summary>
    public static bool IsDatabase(string store) =>
        PostgreSqlAddress.IsAddress(store)
        || (store.Contains('=', StringComparison.Ordinal) && ConnectionString().IsMatch(store) && !File.Exists(store));

    /// <summary>Returns a store as displayed: a database without its password.</summary>
    public static string DisplayName(string store) => IsDatabase(store) ? PostgreSqlAddress.Describe(store) : store;

    /// <summary>Returns the store's file or database. A file must exist.</summary>
    public static StoreLocation Existing(ToolInvocation call)
    {
        var location = Find(call);
        if (location.Exists)
            return location;
        throw new CliException(
            ExitCode.Store,
            $"No store was found at '{location.Store}'.",
            TenantTemplate.SpecifiedTenant(call) is not null && location.Part is null
                    ? "To list the tenants: millrace tenants list"
                : NearbyFileFinder.FindBelow(Path.GetFileName(location.Store)) is [var nearby, ..]
                    ? $"There is a store at '{nearby}'. Specify it with --store."
                : "Specify another one with --store FILE, or create one with: millrace append --create …");
    }

    /// <summary>Returns the store's file or database, which may not exist yet.</summary>
    public static StoreLocation Find(ToolInvocation call)
    {
        var (store, tenant) = (Whole(call), TenantTemplate.SpecifiedTenant(call));
        if (!TenantTemplate.IsTemplate(store))
            return new StoreLocation(store, tenant);
        return tenant is { } one
            ? new StoreLocation(TenantTemplate.Of(store, one))
            : throw new CliException(
                ExitCode.Usage, $"'{DisplayName(store)}' is the store of a tenant, and no tenant was specified.",
                "Specify one with --tenant NAME. To list the tenants: millrace tenants list");
    }

    /// <summary>Returns the file with shards of a call, or null if the call is for one store.</summary>
    public static ShardListFile? FindShards(ToolInvocation call) =>
        FindSpecified(call) is { } store && ShardListFile.IsNamed(store) ? ShardListFile.Read(store) : null;

    /// <summary>Returns the store as specified, regardless of the tenant.</summary>
    /// <exception cref="CliException">The call names a file with shards.</exception>
    public static string Whole(ToolInvocation call)
    {
        if (FindShards(call) is { } shards)
            throw shards.NotSupported();
        if ((FindSpecified(call) ?? SingleFileIn("data") ?? SingleFileIn(".")) is { } found)
            return found;
        var nearby = NearbyFileFinder.FindBelow("*.db");
        throw new CliException(
            ExitCode.Usage,
            "No store was specified, and there is no *.db in ./data or in the current directory"
                + (nearby.Count == 0 ? "." : $". In subfolders: {string.Join(", ", nearby)}."),
            $"Specify one with --store FILE, or set {GlobalOptions.StoreVariable}.");
    }

    /// <summary>Returns the store from the option or the environment variable, or null when neither is set.</summary>
    public static string? FindSpecified(ToolInvocation call)
    {
        if (call.Get(GlobalOptions.Store) is { Length: > 0 } option)
            return option;
        return Environment.GetEnvironmentVariable(GlobalOptions.StoreVariable) is { Length: > 0 } variable
            ? variable
            : null;
    }

    [GeneratedRegex(@"(^|;)\s*(host|server)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionString();

    private static string? SingleFileIn(string directory)
    {
        if (!Directory.Exists(directory))
            return null;
        var files = Directory.GetFiles(directory, "*.db");
        if (files.Length > 1)
        {
            var names = string.Join(", ", files.Order(StringComparer.Ordinal));
            throw new CliException(
                ExitCode.Usage, $"There are several stores: {names}.", "Specify one of them with --store FILE.");
        }
        return files.Length == 1 ? files[0] : null;
    }
}
