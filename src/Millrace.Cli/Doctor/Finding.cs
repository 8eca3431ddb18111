namespace Millrace.Cli.Doctor;

/// <summary>What an examination found.</summary>
/// <param name="Check">What was examined, in small letters with dashes: a name that is never changed.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="What">What was found, with its figures.</param>
/// <param name="Why">Why it matters; null when all is well.</param>
/// <param name="Remedy">What to do; null when nothing need be done.</param>
internal sealed record Finding(string Check, Severity Severity, string What, string? Why = null, string? Remedy = null)
{
    public static Finding Ok(string check, string what) => new(check, Severity.Ok, what);
}
