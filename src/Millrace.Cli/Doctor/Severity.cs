namespace Millrace.Cli.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Worth knowing; nothing need be done.</summary>
    Note,

    /// <summary>Works, but not for long, or not well.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Problem,
}
