using Xunit;

namespace Servers;

/// <summary>A theory that needs a mail server. Without one the theory is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmtpTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SmtpTheoryAttribute() => Skip = SmtpPrograms.ReasonToSkip;
}
