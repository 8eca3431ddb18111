using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Millrace.Messaging;
using Millrace.Shared.Settings;

namespace Millrace.Hosting;

/// <summary>
/// Reads the options of a transport from the configuration section <c>Millrace:Messaging:{transport}</c>, which
/// overrides the application's code.
/// </summary>
internal sealed class TransportSettings(IConfiguration? configuration) : IPostConfigureOptions<TransportOptions>
{
    public const string Section = $"{StoreSettings.Section}:Messaging";

    private const string AllTypes = "*";
    private const string Routes = "Publish";

    // Several applications with different brokers may share one configuration, so the names of all brokers are allowed.
    private static readonly string[] BuiltInTransports = ["rabbitmq", "kafka", "redis", "memory"];

    /// <summary>Refuses names in the section that are neither a setting nor a transport.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="transports">The transports that the application uses or may select.</param>
    /// <exception cref="OptionsValidationException">A name is unknown; the message contains the nearest known
    /// name.</exception>
    public static void RequireKnown(IConfiguration? configuration, IEnumerable<string> transports)
    {
        if (configuration?.GetSection(Section) is not { } section)
            return;
        var settings = new Settings(section);
        settings.RefuseOthersButSections(["Transport", "Bodies", .. BuiltInTransports, .. transports]);
        settings.Finish(typeof(TransportOptions));
    }

    public void PostConfigure(string? name, TransportOptions options)
    {
        if (configuration?.GetSection($"{Section}:{name}") is not { } section)
            return;
        var settings = new Settings(section);
        settings.Read(nameof(options.ConfirmTimeout), options.ConfirmTimeout, value => options.ConfirmTimeout = value);
        settings.Read(nameof(options.BatchMessages), options.BatchMessages, value => options.BatchMessages = value);
        settings.ReadName(nameof(options.Format), options.Format, value => options.Format = value);
        settings.Read(nameof(options.Source), options.Source, value => options.Source = value);
        settings.Read(
            nameof(options.ClaimCheckAbove), options.ClaimCheckAbove, value => options.ClaimCheckAbove = value);
        settings.Read(
            nameof(options.PublishesDecrypted),
            options.PublishesDecrypted,
            value => options.PublishesDecrypted = value);
        settings.Read(
            nameof(options.AllowsUnroutable), options.AllowsUnroutable, value => options.AllowsUnroutable = value);
        settings.Read(nameof(options.OverlapsKeys), options.OverlapsKeys, value => options.OverlapsKeys = value);
        settings.Read(nameof(options.BeginsAtEnd), options.BeginsAtEnd, value => options.BeginsAtEnd = value);
        settings.Read(nameof(options.Prefetch), options.Prefetch, value => options.Prefetch = value);
        settings.Read(nameof(options.InboxWindow), options.InboxWindow, value => options.InboxWindow = value);
        settings.Read(nameof(options.IgnoresUnknown), options.IgnoresUnknown, value => options.IgnoresUnknown = value);
        settings.ReadList(nameof(options.AnswersTo), options.AnswersTo, value => options.AnswersTo = value);
        settings.RefuseOthers([Routes, .. TransportAddress.NamesOf(name)]);
        settings.Finish(typeof(TransportOptions));
        foreach (var destination in section.GetSection(Routes).GetChildren())
            options.Routes.Add(RouteOf(destination));
    }

    /// <summary>Reads a route: its event types, separated by commas or as child settings.</summary>
    private static PublishRoute RouteOf(IConfigurationSection destination)
    {
        var types = Settings.ListOf(destination);
        if (types.Count == 0)
        {
            throw new OptionsValidationException(
                Options.DefaultName,
                typeof(TransportOptions),
                [$"{destination.Path}: must name event types, or be '{AllTypes}' for all."]);
        }
        return new PublishRoute(PublishRoute.Checked(destination.Key), types.Contains(AllTypes) ? [] : types);
    }
}
