using System.CommandLine;

namespace Millrace.Cli;

/// <summary>The options of all commands.</summary>
internal static class GlobalOptions
{
    public const string StoreVariable = "MILLRACE_STORE";

    public static Option<string?> Store { get; } = new("--store", "-s")
    {
        HelpName = "FILE",
        Description = "The store's file, postgres://… for a database, or a *.json with the stores of all shards. "
            + $"Default: ${StoreVariable}, otherwise the only *.db in ./data or in the current directory.",
        Recursive = true,
    };

    public static Option<string?> Tenant { get; } =
        new("--tenant")
        {
            HelpName = "NAME",
            Description =
                "The tenant: its part of a shared store, or its own store when {tenant} is part of the store's name.",
            Recursive = true,
        };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Writes JSON for programs; events as one object a line.",
        Recursive = true,
    };
}
