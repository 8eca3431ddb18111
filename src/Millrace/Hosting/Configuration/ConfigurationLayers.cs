using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Millrace.Hosting.Configuration;

/// <summary>Adds the layers of a configuration that it does not have yet, each above the ones before it.</summary>
internal static class ConfigurationLayers
{
    public static void Add(IConfigurationBuilder builder, string environment, string[]? args, bool reloads)
    {
        var sources = builder.Sources;
        var layers = All(environment, args, reloads);
        var next = 0;
        for (var i = 0; i < layers.Count; i++)
        {
            var found = LastOf(layers[i], sources, next);
            if (found < 0)
            {
                if (layers[i].Create() is not { } source)
                    continue;
                found = PlaceBelow(layers.Skip(i + 1), sources, next);
                sources.Insert(found, source);
            }
            next = found + 1;
        }
    }

    private static List<Layer> All(string environment, string[]? args, bool reloads) =>
    [
        FileLayer("appsettings.json", reloads),
        FileLayer($"appsettings.{environment}.json", reloads),
        FileLayer("appsettings.local.json", reloads),
        new(
            static source => source is EnvironmentVariablesConfigurationSource { Prefix: null or "" },
            static () => new EnvironmentVariablesConfigurationSource()),
        new(
            static source => source is CommandLineConfigurationSource,
            () => args is { Length: > 0 } ? new CommandLineConfigurationSource { Args = args } : null),
    ];

    private static Layer FileLayer(string path, bool reloads) => new(
        source => source is JsonConfigurationSource file
            && string.Equals(file.Path, path, StringComparison.OrdinalIgnoreCase),
        () => new JsonConfigurationSource { Path = path, Optional = true, ReloadOnChange = reloads });

    /// <summary>Returns the place below the next layer that exists, or above all sources.</summary>
    private static int PlaceBelow(IEnumerable<Layer> higher, IList<IConfigurationSource> sources, int next) =>
        higher.Select(layer => LastOf(layer, sources, next)).FirstOrDefault(static found => found >= 0, sources.Count);

    private static int LastOf(Layer layer, IList<IConfigurationSource> sources, int from)
    {
        for (var i = sources.Count - 1; i >= from; i--)
        {
            if (layer.IsLayer(sources[i]))
                return i;
        }
        return -1;
    }

    /// <param name="IsLayer">Returns whether a source is the layer.</param>
    /// <param name="Create">Creates the source; returns null if there is nothing to read.</param>
    private sealed record Layer(Func<IConfigurationSource, bool> IsLayer, Func<IConfigurationSource?> Create);
}
