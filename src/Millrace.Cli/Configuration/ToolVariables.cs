using Millrace.Shared.Settings;

namespace Millrace.Cli.Configuration;

/// <summary>The environment variables that the tool reads.</summary>
internal static class ToolVariables
{
    private const string Prefix = "MILLRACE_";
    private const string Mask = "***";
    private const int MaxDistance = 2; // An application has variables with similar names.

    /// <summary>Each variable, and whether its value is a secret.</summary>
    private static readonly (string Name, bool IsSecret)[] All =
    [
        ("MILLRACE_ARCHIVE", false), ("MILLRACE_ASCII", false), ("MILLRACE_BACKUP_PASSPHRASE", true),
        ("MILLRACE_BUILD", false), ("MILLRACE_COMPLETION_SECONDS", false), ("MILLRACE_KEYS", false),
        ("MILLRACE_KEYS_FORMER_PASSPHRASE", true), ("MILLRACE_KEYS_PASSPHRASE", true), ("MILLRACE_STORE", false),
        ("MILLRACE_TOKEN", true),
    ];

    /// <summary>Returns the variables that are set.</summary>
    public static IEnumerable<EffectiveSetting> Read(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (name, isSecret) in All)
        {
            if (environment.TryGetValue(name, out var value) && value.Length > 0)
                yield return new EffectiveSetting(
                    name, isSecret ? Mask : StoreLocator.DisplayName(value), SourceOf(name));
        }
    }

    /// <summary>Finds variables whose names are probably misspelled.</summary>
    public static IEnumerable<ConfigurationProblem> Problems(IReadOnlyDictionary<string, string> environment)
    {
        foreach (var name in environment.Keys.Order(StringComparer.Ordinal))
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                || name[Prefix.Length..].StartsWith('_')
                || All.Any(known => known.Name == name))
                continue;
            if (SuggestionFor(name) is { } suggestion)
                yield return new ConfigurationProblem(
                    name, null, SourceOf(name), $"there is no such variable. Did you mean '{suggestion}'?");
        }
    }

    /// <summary>
    /// Returns the name of a setting of the application if two underscores separate its parts, otherwise the nearest
    /// variable of the tool.
    /// </summary>
    private static string? SuggestionFor(string name) =>
        name[Prefix.Length..].Contains("__", StringComparison.Ordinal)
            ? $"{Prefix}_{name[Prefix.Length..]}"
            : All.Select(static known => known.Name).FirstOrDefault(known =>
                NameSuggestions.Distance(name.ToUpperInvariant(), known) <= MaxDistance);

    private static string SourceOf(string name) => $"environment variable {name}";
}
