using System.Text.RegularExpressions;
using Millrace.PostgreSql;

namespace Millrace.Cli;

/// <summary>Finds out which store is meant.</summary>
internal static partial class StoreLocator
{
    /// <summary>Tells whether a store is in a PostgreSQL database: an address such as <c>postgres://…</c>, or a
    /// connection string.</summary>
    public static bool IsDatabase(string store) =>
        PostgreSqlAddress.IsAddress(store)
        || (store.Contains('=', StringComparison.Ordinal) && ConnectionString().IsMatch(store) && !File.Exists(store));

    /// <summary>A store as it may be shown: a database without its password.</summary>
    public static string Shown(string store) => IsDatabase(store) ? PostgreSqlAddress.Describe(store) : store;

    /// <summary>The store's file or database; a file must be there.</summary>
    public static StoreLocation Existing(ToolInvocation call)
    {
        var place = Of(call);
        if (place.Exists)
            return place;
        throw new CliException(
            ExitCode.Store,
            $"There is no store at '{place.Store}'.",
            TenantTemplate.Named(call) is not null && place.Part is null
                    ? "Which tenants there are: millrace tenants list"
                : NearbyFileFinder.FindBelow(Path.GetFileName(place.Store)) is [var near, ..]
                    ? $"There is one at '{near}': name it with --store."
                : "Name another with --store FILE, or begin one with: millrace append --create …");
    }

    /// <summary>The store's file or database, which may not be there yet.</summary>
    public static StoreLocation Of(ToolInvocation call)
    {
        var (store, tenant) = (Whole(call), TenantTemplate.Named(call));
        if (!TenantTemplate.Is(store))
            return new StoreLocation(store, tenant);
        return tenant is { } one
            ? new StoreLocation(TenantTemplate.Of(store, one))
            : throw new CliException(
                ExitCode.Usage, $"'{Shown(store)}' is the store of a tenant, and none was named.",
                "Name it with --tenant NAME. Which there are: millrace tenants list");
    }

    /// <summary>The store as it is named, whichever tenant is meant.</summary>
    public static string Whole(ToolInvocation call)
    {
        if ((Named(call) ?? SingleFileIn("data") ?? SingleFileIn(".")) is { } found)
            return found;
        var near = NearbyFileFinder.FindBelow("*.db");
        throw new CliException(
            ExitCode.Usage,
            "No store was named, and there is no *.db in ./data or in the current directory"
                + (near.Count == 0 ? "." : $"; below it: {string.Join(", ", near)}."),
            $"Name one with --store FILE, or set {GlobalOptions.StoreVariable}.");
    }

    /// <summary>The store that the option or the variable names; null for none.</summary>
    public static string? Named(ToolInvocation call)
    {
        if (call.Get(GlobalOptions.Store) is { Length: > 0 } given)
            return given;
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
                ExitCode.Usage, $"There are several stores: {names}.", "Name one of them with --store FILE.");
        }
        return files.Length == 1 ? files[0] : null;
    }
}
