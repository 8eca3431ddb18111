using Microsoft.Extensions.DependencyInjection;

namespace Millrace;

/// <summary>Adds alert rules and the channels for their notices.</summary>
public sealed class AlertsBuilder
{
    internal AlertsBuilder(IServiceCollection services) => Services = services;

    /// <summary>Gets the services of the application.</summary>
    public IServiceCollection Services { get; }

    internal Dictionary<string, AlertRule> Rules { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, Func<AlertRule, AlertRule>> Changes { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a rule. It replaces an earlier rule with the same name, also of the catalogue.</summary>
    public AlertsBuilder Add(AlertRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        Rules[rule.Name] = rule;
        return this;
    }

    /// <summary>Changes a rule of the catalogue or of an earlier <see cref="Add"/>.</summary>
    /// <param name="name">The name of the rule. An unknown name is an error at the start of the application.</param>
    /// <param name="change">Returns the changed rule: <c>rule => rule with { Threshold = 500 }</c>.</param>
    public AlertsBuilder Change(string name, Func<AlertRule, AlertRule> change)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(change);
        Changes[name] = Changes.TryGetValue(name, out var earlier) ? rule => change(earlier(rule)) : change;
        return this;
    }

    /// <summary>Disables a rule of the catalogue.</summary>
    public AlertsBuilder Disable(string name) => Change(name, static rule => rule with { IsEnabled = false });

    /// <summary>Adds a channel that is created with the services of the application.</summary>
    public AlertsBuilder AddChannel(Func<IServiceProvider, INotificationChannel> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.AddSingleton(create);
        return this;
    }

    /// <summary>Sets options. The configuration section <c>Millrace:Alerts</c> overrides them.</summary>
    public AlertsBuilder Configure(Action<AlertOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }
}
