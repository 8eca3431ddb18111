namespace Millrace;

/// <summary>
/// The source of an alert rule. If several sources have a rule with the same name, the last of them here applies.
/// </summary>
public enum AlertRuleSource
{
    /// <summary>The catalogue of default rules.</summary>
    Catalogue,

    /// <summary>The code of the application.</summary>
    Code,

    /// <summary>The configuration section <c>Millrace:Alerts:Rules</c>.</summary>
    Configuration,

    /// <summary>The store, in which operators stored the rule.</summary>
    Stored,
}
