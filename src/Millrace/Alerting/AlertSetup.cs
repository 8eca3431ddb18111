namespace Millrace.Alerting;

/// <summary>
/// The rules and channels of an application. A reload of the configuration changes the options and the rules.
/// </summary>
/// <param name="options">The options.</param>
/// <param name="rules">The rules of code and configuration by name.</param>
/// <param name="channels">The channels by name.</param>
internal sealed class AlertSetup(
    AlertOptions options,
    IReadOnlyDictionary<string, DeclaredAlertRule> rules,
    IReadOnlyDictionary<string, INotificationChannel> channels)
{
    private volatile AlertOptions _options = options;
    private volatile IReadOnlyDictionary<string, DeclaredAlertRule> _rules = rules;

    public AlertOptions Options => _options;

    public IReadOnlyDictionary<string, DeclaredAlertRule> Rules => _rules;

    public IReadOnlyDictionary<string, INotificationChannel> Channels => channels;

    /// <summary>Takes over changed options and rules.</summary>
    public void Take(AlertSetup changed) => (_options, _rules) = (changed.Options, changed.Rules);

    /// <summary>Returns the form in which the rules are recorded for tools.</summary>
    public IReadOnlyList<DeclaredRule> ToDeclaration() =>
    [
        .. Rules.Values
            .OrderBy(declared => declared.Rule.Name, StringComparer.Ordinal)
            .Select(declared =>
                new DeclaredRule(declared.Rule.Name, declared.Source, AlertRuleForm.Of(declared.Rule))),
    ];
}

/// <summary>A rule of an application with its source.</summary>
internal sealed record DeclaredAlertRule(AlertRule Rule, AlertRuleSource Source);
