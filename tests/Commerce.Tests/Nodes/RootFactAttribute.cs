using Servers;

namespace Commerce.Tests.Nodes;

/// <summary>A test for root, whose servers run as another user; needs PostgreSQL.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() =>
        Skip =
            PostgreSqlPrograms.ReasonToSkip
            ?? (
                OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
                    ? null
                    : "Only root's servers run as another user.");
}
