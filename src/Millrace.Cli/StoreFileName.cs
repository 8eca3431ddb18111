namespace Millrace.Cli;

/// <summary>Finds out which store is meant.</summary>
internal static class StoreFileName
{
    /// <summary>The store's file, which must be there.</summary>
    public static string Existing(ToolCall call)
    {
        var file = Of(call);
        if (File.Exists(file))
            return file;
        throw new CliException(
            ExitCode.Store,
            $"There is no store at '{file}'.",
            "Name another with --store FILE, or begin one with: millrace append --create …");
    }

    /// <summary>The store's file, which may not be there yet.</summary>
    public static string Of(ToolCall call)
    {
        if (call.Get(GlobalOptions.Store) is { Length: > 0 } given)
            return given;
        if (Environment.GetEnvironmentVariable(GlobalOptions.StoreVariable) is { Length: > 0 } variable)
            return variable;
        return OnlyOneIn("data") ?? OnlyOneIn(".")
            ?? throw new CliException(
                ExitCode.Usage,
                "No store was named, and there is no *.db in ./data or in the current directory.",
                $"Name one with --store FILE, or set {GlobalOptions.StoreVariable}.");
    }

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
