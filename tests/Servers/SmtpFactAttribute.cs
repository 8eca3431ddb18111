using Xunit;

namespace Servers;

/// <summary>A test that needs a mail server. Without one the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmtpFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SmtpFactAttribute() => Skip = SmtpPrograms.ReasonToSkip;
}
