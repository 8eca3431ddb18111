using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Millrace.Cli.Configuration;

/// <summary>Reads the configuration of an application from its folder, as its host would on this machine.</summary>
internal static class FolderSettings
{
    private const string DefaultEnvironment = "Production";

    /// <exception cref="CliException">The folder does not exist, or a file is not valid JSON.</exception>
    public static SettingsAnswer Read(string? folder, string? environment)
    {
        var path = Path.GetFullPath(folder ?? ".");
        if (!Directory.Exists(path))
            throw new CliException(ExitCode.NotFound, $"The folder '{path}' does not exist.");
        var variables = Variables();
        var name = environment
            ?? variables.GetValueOrDefault("DOTNET_ENVIRONMENT")
            ?? variables.GetValueOrDefault("ASPNETCORE_ENVIRONMENT")
            ?? DefaultEnvironment;
        var checkedSettings = MillraceConfiguration.Check(Build(path, name));
        return new SettingsAnswer(
            [.. checkedSettings.Read(), .. ToolVariables.Read(variables)],
            [.. checkedSettings.Problems, .. ToolVariables.Problems(variables)]);
    }

    private static IConfigurationRoot Build(string path, string environment)
    {
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(path)
                .AddMillraceLayers(environment, reloadOnChange: false)
                .Build();
        }
        catch (InvalidDataException exception)
        {
            throw new CliException(
                ExitCode.Failed, $"{exception.Message} {exception.InnerException?.InnerException?.Message}".TrimEnd());
        }
    }

    private static Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            if (entry is { Key: string name, Value: string value })
                variables[name] = value;
        }
        return variables;
    }
}
