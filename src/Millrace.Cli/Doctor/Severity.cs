namespace Millrace.Cli.Doctor;

/// <summary>The severity of a finding.</summary>
internal enum Severity
{
    /// <summary>No problem.</summary>
    Ok,

    /// <summary>Information. No action is required.</summary>
    Note,

    /// <summary>Works, but not well or not for long.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Problem,
}
