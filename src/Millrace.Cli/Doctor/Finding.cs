namespace Millrace.Cli.Doctor;

/// <summary>The result of a check.</summary>
/// <param name="Check">The name of the check in kebab case. It never changes.</param>
/// <param name="Severity">The severity of the result.</param>
/// <param name="What">The result with its figures.</param>
/// <param name="Why">The consequences of the problem, or null when there is no problem.</param>
/// <param name="Remedy">The solution, or null when no action is required.</param>
internal sealed record Finding(string Check, Severity Severity, string What, string? Why = null, string? Remedy = null)
{
    public static Finding Ok(string check, string what) => new(check, Severity.Ok, what);
}
