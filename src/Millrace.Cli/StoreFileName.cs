using System.Text.RegularExpressions;
using Millrace.PostgreSql;

namespace Millrace.Cli;

/// <summary>Finds out which store is meant.</summary>
internal static partial class StoreFileName
{
    /// <summary>Tells whether a store is in a PostgreSQL database: an address such as <c>postgres://…</c>, or a connection
    /// string.</summary>
    public static bool IsDatabase(string store) =>
        PostgreSqlAddress.IsAddress(store)
        || (store.Contains('=', StringComparison.Ordinal) && ConnectionString().IsMatch(store) && !File.Exists(store));

    /// <summary>A store as it may be shown: a database without its password.</summary>
    public static string Shown(string store) => IsDatabase(store) ? PostgreSqlAddress.Describe(store) : store;

    /// <summary>The store's file or database; a file must be there.</summary>
    public static string Existing(ToolCall call)
    {
        var file = Of(call);
        if (IsDatabase(file) || File.Exists(file))
            return file;
        throw new CliException(
            ExitCode.Store,
            $"There is no store at '{file}'.",
            NearFiles.Below(Path.GetFileName(file)) is [var near, ..]
                ? $"There is one at '{near}': name it with --store."
                : "Name another with --store FILE, or begin one with: millrace append --create …");
    }

    /// <summary>The store's file or database, which may not be there yet.</summary>
    public static string Of(ToolCall call)
    {
        if ((Named(call) ?? OnlyOneIn("data") ?? OnlyOneIn(".")) is { } found)
            return found;
        var near = NearFiles.Below("*.db");
        throw new CliException(
            ExitCode.Usage,
            "No store was named, and there is no *.db in ./data or in the current directory"
                + (near.Count == 0 ? "." : $"; below it: {string.Join(", ", near)}."),
            $"Name one with --store FILE, or set {GlobalOptions.StoreVariable}.");
    }

    /// <summary>The store that the option or the variable names; null for none.</summary>
    public static string? Named(ToolCall call)
    {
        if (call.Get(GlobalOptions.Store) is { Length: > 0 } given)
            return given;
        return Environment.GetEnvironmentVariable(GlobalOptions.StoreVariable) is { Length: > 0 } variable ? variable : null;
    }

    [GeneratedRegex(@"(^|;)\s*(host|server)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionString();

    private static string? OnlyOneIn(string directory)
    {
        if (!Directory.Exists(directory))
            return null;
        var files = Directory.GetFiles(directory, "*.db");
        if (files.Length > 1)
        {
            var names = string.Join(", ", files.Order(StringComparer.Ordinal));
            throw new CliException(ExitCode.Usage, $"There are several stores: {names}.", "Name one of them with --store FILE.");
        }
        return files.Length == 1 ? files[0] : null;
    }
}
