namespace Millrace.Cli.Doctor;

/// <summary>The result of a check.</summary>
/// <param name="Check">The name of the check in kebab case. It never changes.</param>
/// <param name="Severity">The severity of the result.</param>
/// <param name="Message">The result with its figures.</param>
/// <param name="Consequence">The consequences of the problem, or null when there is no problem.</param>
/// <param name="Remedy">The solution, or null when no action is required.</param>
internal sealed record Finding(
    string Check, Severity Severity, string Message, string? Consequence = null, string? Remedy = null)
{
    public static Finding Ok(string check, string message) => new(check, Severity.Ok, message);
}
