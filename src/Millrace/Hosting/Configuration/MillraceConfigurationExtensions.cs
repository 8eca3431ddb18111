using Microsoft.Extensions.Configuration;
using Millrace.Hosting.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Extension methods that add the layers of a configuration.</summary>
public static class MillraceConfigurationExtensions
{
    private const string ReloadKey = "hostBuilder:reloadConfigOnChange";

    /// <summary>
    /// Adds the layers that the host's configuration does not have: <c>appsettings.json</c>,
    /// <c>appsettings.ENVIRONMENT.json</c>, <c>appsettings.local.json</c>, environment variables and the command line.
    /// Each layer overrides those before it, and all override the application's code.
    /// </summary>
    /// <remarks>
    /// The builders of ASP.NET Core and of the generic host lack only <c>appsettings.local.json</c>, which contains the
    /// values of one machine and does not belong into version control.
    /// </remarks>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="args">The command line; null if the host reads it already, or if there is none.</param>
    public static TBuilder AddMillraceConfiguration<TBuilder>(this TBuilder builder, string[]? args = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Configuration.AddMillraceLayers(
            builder.Environment.EnvironmentName,
            args,
            !string.Equals(builder.Configuration[ReloadKey], "false", StringComparison.OrdinalIgnoreCase));
        return builder;
    }

    /// <summary>Adds the layers that a configuration does not have.</summary>
    /// <param name="builder">The configuration.</param>
    /// <param name="environment">The name of the environment, such as <c>Production</c>.</param>
    /// <param name="args">The command line; null if there is none.</param>
    /// <param name="reloadOnChange">Whether changes of the files are read while the application runs.</param>
    public static IConfigurationBuilder AddMillraceLayers(
        this IConfigurationBuilder builder, string environment, string[]? args = null, bool reloadOnChange = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(environment);
        ConfigurationLayers.Add(builder, environment, args, reloadOnChange);
        return builder;
    }
}
