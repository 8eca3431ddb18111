using Xunit;

namespace Servers;

/// <summary>A theory on a mail server: skipped, saying so, where none is installed; in CI it fails then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmtpTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides.</summary>
    public SmtpTheoryAttribute() => Skip = SmtpPrograms.ReasonToSkip;
}
