namespace Millrace;

/// <summary>A setting of the application, with the value in effect and the source of the value.</summary>
/// <param name="Key">The key, such as <c>Millrace:Consumers:Workers</c>.</param>
/// <param name="Value">The value in effect; null if there is none. Secrets are masked.</param>
/// <param name="Source">
/// The source of the value: <c>default</c>, <c>code</c>, a file, an environment variable or the command line.
/// </param>
public sealed record EffectiveSetting(string Key, string? Value, string Source)
{
    /// <summary>Gets whether Millrace reads the setting. Others below <c>Millrace</c> belong to other code.</summary>
    public bool IsRead { get; init; } = true;

    /// <summary>Gets whether a change takes effect without a restart.</summary>
    public bool IsReloadable { get; init; }

    /// <summary>
    /// Gets the value that the configuration contains now, if it is not in effect; null otherwise. Such a change needs
    /// a restart, or was refused because it is not valid.
    /// </summary>
    public string? PendingValue { get; init; }

    /// <summary>Gets why the pending value is not in effect; null if there is none.</summary>
    public string? PendingReason { get; init; }
}
