using Xunit;

namespace Servers;

/// <summary>A test on a mail server: skipped, saying so, where none is installed; in CI it fails then.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmtpFactAttribute : FactAttribute
{
    /// <summary>Decides.</summary>
    public SmtpFactAttribute() => Skip = SmtpPrograms.ReasonToSkip;
}
