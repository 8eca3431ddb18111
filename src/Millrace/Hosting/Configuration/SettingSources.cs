using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace Millrace.Hosting.Configuration;

/// <summary>Finds the provider from which the configuration takes the value of a setting, and describes it.</summary>
internal static class SettingSources
{
    private const string CommandLine = "command line";

    /// <summary>Returns the description of the source; null if the configuration does not contain the key.</summary>
    public static string? Find(IConfiguration configuration, string key)
    {
        if (configuration is not IConfigurationRoot root)
            return configuration[key] is not null || configuration.GetSection(key).GetChildren().Any()
                ? "configuration"
                : null;
        foreach (var provider in root.Providers.Reverse())
        {
            if (!Contains(provider, key))
                continue;
            return provider is ChainedConfigurationProvider chained
                ? Find(chained.Configuration, key) ?? "configuration"
                : Describe(provider, key);
        }
        return null;
    }

    /// <summary>Returns whether a provider has a value, or the elements of a list.</summary>
    private static bool Contains(IConfigurationProvider provider, string key) =>
        provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any();

    private static string Describe(IConfigurationProvider provider, string key) => provider switch
    {
        FileConfigurationProvider file => $"file {file.Source.Path}",
        EnvironmentVariablesConfigurationProvider => $"environment variable {VariableOf(key)}",
        CommandLineConfigurationProvider => CommandLine,
        MemoryConfigurationProvider => "memory",
        _ => provider.ToString() ?? provider.GetType().Name,
    };

    private static string VariableOf(string key)
    {
        var variable = key.Replace(":", "__", StringComparison.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry.Key is string name && name.Equals(variable, StringComparison.OrdinalIgnoreCase))
                return name;
        }
        return variable;
    }
}
