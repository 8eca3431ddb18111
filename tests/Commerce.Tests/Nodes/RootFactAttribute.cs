using Servers;

namespace Commerce.Tests.Nodes;

/// <summary>
/// A test that needs PostgreSQL and the user root, because only the servers of root run as another user.
/// </summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() =>
        Skip =
            PostgreSqlPrograms.ReasonToSkip
            ?? (
                OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
                    ? null
                    : "The test needs the user root, because only the servers of root run as another user.");
}
