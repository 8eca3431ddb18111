using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Shared.Settings;

namespace Millrace.Orleans;

/// <summary>
/// Reads options from the configuration section <c>Millrace:Orleans</c>, after the application's own code, and checks
/// them.
/// </summary>
internal static class OrleansSettings
{
    public const string Section = "Millrace:Orleans";

    /// <exception cref="OptionsValidationException">A value is not allowed. The message lists all problems.</exception>
    public static OrleansOptions Apply(IConfiguration? configuration, OrleansOptions options)
    {
        if (configuration?.GetSection(Section) is { } section)
        {
            var settings = new Settings(section);
            settings.Read(nameof(options.Address), options.Address, value => options.Address = value);
            settings.Read(nameof(options.Cluster), options.Cluster, value => options.Cluster = value);
            settings.Read(nameof(options.Port), options.Port, value => options.Port = value);
            settings.Read(nameof(options.Host), options.Host, value => options.Host = value);
            settings.Read(nameof(options.IdleAfter), options.IdleAfter, value => options.IdleAfter = value);
            settings.Read(
                nameof(options.CommandTimeout), options.CommandTimeout, value => options.CommandTimeout = value);
            settings.RefuseOthers();
            settings.Finish(typeof(OrleansOptions));
        }
        return options.Problems().Select(problem => $"{Section}:{problem}").ToArray() is { Length: > 0 } problems
            ? throw new OptionsValidationException(Section, typeof(OrleansOptions), problems)
            : options;
    }
}
