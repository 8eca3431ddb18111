namespace Millrace.Cli.Doctor;

/// <summary>The severity of a finding.</summary>
internal enum Severity
{
    /// <summary>The check found no problem.</summary>
    Ok,

    /// <summary>The finding is information and requires no action.</summary>
    Note,

    /// <summary>The application works, but not well, or it will soon stop working.</summary>
    Warning,

    /// <summary>A part of the application does not work.</summary>
    Problem,
}
